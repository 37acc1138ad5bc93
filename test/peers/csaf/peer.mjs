// Runs every test of the npm package @secvisogram/csaf-validator-lib over the documents
// of a folder and prints a line of JSON for each: its name and the names of the tests
// that found something (or threw). usage: node peer.mjs NODE_MODULES FOLDER [ROUNDS]
// With a number behind it runs the tests so many times and prints
// the processor time of one document in nanoseconds.
import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

const [modules, folder, rounds] = process.argv.slice(2)
const lib = join(modules, '@secvisogram/csaf-validator-lib')
const load = (name) => import(pathToFileURL(join(lib, name)).href)
const all = { ...(await load('schemaTests.js')), ...(await load('mandatoryTests.js')), ...(await load('optionalTests.js')), ...(await load('informativeTests.js')) }
for (const name of ['informativeTest_6_3_6', 'informativeTest_6_3_7', 'informativeTest_6_3_8']) delete all[name]

async function run(doc) {
  const out = []
  for (const [name, test] of Object.entries(all)) {
    try {
      const r = await test(doc)
      if (r.isValid === false || r.errors?.length || r.warnings?.length || r.infos?.length) out.push(name)
    } catch (e) {
      out.push(name + '!')
    }
  }
  return out
}

const names = readdirSync(folder).filter((n) => n.endsWith('.json')).sort()
if (rounds) {
  delete all.csaf_2_0
  const texts = names.map((n) => readFileSync(join(folder, n), 'utf8'))
  for (const t of texts.slice(0, 20)) await run(JSON.parse(t))
  const before = process.cpuUsage()
  for (let i = 0; i < Number(rounds); i++) for (const t of texts) await run(JSON.parse(t))
  const used = process.cpuUsage(before)
  console.log(Math.round(((used.user + used.system) * 1000) / (texts.length * Number(rounds))))
} else {
  for (const n of names) console.log(JSON.stringify({ name: n, found: await run(JSON.parse(readFileSync(join(folder, n), 'utf8'))) }))
}

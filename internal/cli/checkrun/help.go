package checkrun

// Help is what `tocsin help check` says of the command.
const Help = `Check documents: CSAF 2.0 and 2.1 (advisories, provider metadata, aggregators, ROLIE
feeds), OSV, CVE records and CNA containers, OpenVEX. The format is found by itself.

FILE may be "-" for standard input, or a ZIP archive such as OSV's all.zip, which is
read as a folder. Of a DIR all files below it that end in .json are checked. An URL is
asked for once, with bounds on time, size and redirects; of the URL of a CSAF provider's
provider-metadata.json every document that it lists is checked as well.

With --fix the changes that are certainly right (a finding's "fix") are made in the files
first: in place, with nothing else of the layout touched, and only where no finding is new
afterwards. What was changed is told on standard error; the findings, and the exit code,
are of what is left. --fix --dry-run prints the changes as a diff and writes nothing.

Exit codes:
  0  no finding of the severity of --fail-on or worse
  1  there are such findings
  2  wrong call
  3  something could not be read; the rest was checked

Presets are schema, basic (all that makes a document invalid), extended, full (the
default) and those of the CSAF standard. Tests are named by number or name: 6.1.1,
mandatoryTest_6_1_1, REC:101, E005, VEX-03. The tests 6.3.6 and 6.3.7, which ask for
the URLs in a document, are run when they are named, or with --network.`

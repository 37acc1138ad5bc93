// Package arch holds the design true: rules over the parsed source of the whole
// module, run by its tests. What the rules say is docs/ARCHITECTURE.md in the form
// of code: who may import whom, whose tables are whose, how a store method begins,
// what a package may keep in memory, how long things may be.
//
// Each rule is proven by a planted violation in testdata that turns it red. What
// a rule must let pass for a good reason stands in exemptions.go with that reason;
// an exemption that nothing needs any more fails too.
//
// Not in here: what the compiler, vet and staticcheck see, and rules about what
// the program does (scope, ledger, jobs), which their own tests hold.
package arch

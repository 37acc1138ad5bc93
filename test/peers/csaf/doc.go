// Package csaf runs other people's CSAF validators beside ours: the npm package
// csaf-validator-lib, over real documents and mutations of them. Its tests ask for the
// build tag peers, node, and the tools folder that scripts/tools fills.
package csaf

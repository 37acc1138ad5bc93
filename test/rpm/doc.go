// Package rpm shows that the clients of RPM repositories understand updateinfo.xml: rpmbuild
// makes two versions of a package, createrepo_c and modifyrepo_c a repository with the
// output of an advisory, and dnf lists the advisory in a root of its own while the
// vulnerable version is installed, and no more when the fixed one is.
//
// No server runs: package emit makes the file. Nothing of the machine is changed but by
// what its package manager keeps for itself.
package rpm

// Package people knows who is who and who may see what: persons and their
// accounts, projects and their teams, the one table of grants, the embargo
// terms, public keys, and the letters that the site sends.
//
// The package is pure: rules, services and the interfaces that they stand on.
// The tables, and peopledb.Sees, the one fragment by which every other db
// package filters what a scope may see, are in peopledb; the pages, the API and the
// middleware that turns a cookie or a token into a Scope are in peopleweb.
// Password hashes and one-time codes are made by platform/credential, OpenPGP
// by platform/pgp, delivery by platform/mailer; server wires them to the
// interfaces declared here (Hasher, Codes, PGP, Composer, Transport).
//
// Grants on a case are given by casework, through Grants. The rules about
// an embargo's length are embargo's; the policy that they read is Project.Policy.
package people

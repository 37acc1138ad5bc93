package convertrun

// Help is what `tocsin help convert` says of the command.
const Help = `Convert a document to another format and write it to standard output. The format of
FILE is found by itself; FILE may be "-" or an URL.

  CSAF 2.0         to csaf-2.1, openvex, csaf-2.0 (canonical)
  CSAF 2.1         to openvex, csaf-2.1 (canonical)
  OpenVEX          to csaf-vex, openvex (canonical)
  OSV, CVE record  to osv, cve (canonical)

What is lost, what was assumed and what a person must decide is listed on standard
error, with --json as a list of JSON. Exit codes: 0; 1 with --strict when anything was
lost or has to be decided; 2 for a wrong call, a document that cannot be read, and a way
that does not exist.`

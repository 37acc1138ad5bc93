package convertrun

// Help is what `tocsin help convert` says of the command.
const Help = `Convert a document to another format and write it to standard output. The format of
FILE is found by itself; FILE may be "-" or an URL.

  CSAF 2.0, CSAF 2.1, OSV, CVE record
                   to csaf-2.0, csaf-2.1, csaf-vex, osv, cve, openvex, updateinfo,
                   mail, markdown, html, atom
  OpenVEX          to csaf-vex, openvex

A document of the same format comes out in its canonical form. CSAF 2.0 becomes 2.1 and
OpenVEX directly; other ways go by the record that Tocsin makes its advisories from.
--publisher and --namespace say who publishes the result; a CVE record also needs the CNA's
UUID and short name, --cna-id and --cna-name.

What is lost, what was assumed and what a person must decide is listed on standard
error, with --json as a list of JSON. Exit codes: 0; 1 with --strict when anything was
lost or has to be decided; 2 for a wrong call, a document that cannot be read, and a way
that does not exist.`

// Package mailer is mail on the wire: the SMTP server that takes reports in
// (Server), the client that hands mail to a smarthost (Client), and the checks
// of who a mail really comes from (Check: SPF and DKIM).
//
// Not in here: reading a mail's MIME structure (kit/mailmsg), OpenPGP
// (platform/pgp), what happens with an accepted mail (internal/desk) and the
// queue of outgoing letters (internal/people).
//
// The server is our own and strict: a line ends with CR LF and with nothing
// else, in commands as in mail, so that no other server's reading of the same
// bytes can differ from ours (SMTP smuggling). docs/adr says why it is not
// built on a library. Neither server nor client ever logs content.
package mailer

// Package reading is the way of a mail from the wire to its place: the Door makes it
// durable, the Reader turns its bytes into plain facts (who signed what, what is
// encrypted, what DKIM and SPF say, what is wrong) and files it as a held report, as
// a message of something known, or as a bounce.
//
// Whatever a mail does, it costs bounded time and memory, keeps its original, and
// stops nothing else.
//
// Not here: what a report is and who is answered (desk), the syntax of mail
// (kit/mailmsg), OpenPGP (platform/pgp), DNS (platform/mailer).
package reading

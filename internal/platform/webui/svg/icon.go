package svg

import "html/template"

// Icon writes a small picture that says nothing to a screen reader: a word must
// stand beside it. An unknown name writes nothing.
func Icon(name string) template.HTML {
	d, ok := drawing(name)
	if !ok {
		return ""
	}
	return template.HTML(`<svg class="icon" viewBox="0 0 16 16" width="14" height="14" aria-hidden="true" focusable="false"><path fill-rule="evenodd" d="` + d + `"/></svg>`)
}

// drawing returns the path of an icon on a 16 by 16 field.
func drawing(name string) (string, bool) {
	d := ""
	switch name {
	case "open": // a ring
		d = "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Zm0 2a4 4 0 1 1 0 8 4 4 0 0 1 0-8Z"
	case "wait": // a half-filled circle
		d = "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2Zm0 2v8a4 4 0 0 1 0-8Z"
	case "ok": // a tick
		d = "m6.3 13.2-4.5-4.6 1.6-1.5 2.9 3 6.3-7.3 1.6 1.4Z"
	case "warn": // a triangle
		d = "M8 1.5 15.5 14.5H.5ZM7.1 6v4.2h1.8V6Zm0 5.4v1.7h1.8v-1.7Z"
	case "stop": // an octagon
		d = "M5 1h6l4 4v6l-4 4H5l-4-4V5Zm0 5.8v2.4h6V6.8Z"
	case "off": // a dash
		d = "M2 7h12v2H2Z"
	case "secret": // a lock
		d = "M4.5 7V5a3.5 3.5 0 0 1 7 0v2H13v7H3V7Zm1.8 0h3.4V5a1.7 1.7 0 0 0-3.4 0Z"
	case "info": // a filled square
		d = "M3 3h10v10H3Z"
	case "mail":
		d = "M1 3h14v10H1Zm1.8 1.6L8 8.6l5.2-4ZM2.6 6v5.4h10.8V6L8 10.2Z"
	case "file":
		d = "M3 1h6.5L13 4.5V15H3Zm1.7 1.7v10.6h6.6V5.6H8.4V2.7Z"
	case "person":
		d = "M8 1.5a3.2 3.2 0 1 1 0 6.4 3.2 3.2 0 0 1 0-6.4ZM2 14.5c0-3.4 2.6-5.4 6-5.4s6 2 6 5.4Z"
	case "note":
		d = "M2 2h12v8.5L10.5 14H2Zm2 3v1.5h8V5Zm0 3v1.5h5V8Z"
	case "key":
		d = "M5 5a3.5 3.5 0 1 1-.1 7A3.5 3.5 0 0 1 5 5Zm0 2.2a1.3 1.3 0 1 0 0 2.6 1.3 1.3 0 0 0 0-2.6ZM8 7.6h7v1.8h-1.5v2h-1.8v-2H8Z"
	default:
		return "", false
	}
	return d, true
}

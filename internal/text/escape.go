package text

import (
	"bytes"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// EscapeJSON writes the hidden characters that encoding/json leaves as they are as \u escapes, so that JSON is safe to
// print and means the same. Outside of its strings JSON has none of them but line breaks and tabs, which stay.
func EscapeJSON(json []byte) []byte {
	if isASCII(json) || !bytes.ContainsFunc(json, escapedInJSON) {
		return json
	}
	out := make([]byte, 0, len(json)+64)
	for len(json) > 0 {
		r, size := utf8.DecodeRune(json)
		if escapedInJSON(r) {
			out = append(out, Escape(r)...)
		} else {
			out = append(out, json[:size]...)
		}
		json = json[size:]
	}
	return out
}

func escapedInJSON(r rune) bool { return r != '\n' && r != '\t' && r != '\r' && Hidden(r) }

// Escape is a character as JSON and JavaScript escape it: above U+FFFF as a pair of surrogates.
func Escape(r rune) string {
	if r > 0xffff {
		high, low := utf16.EncodeRune(r)
		return fmt.Sprintf(`\u%04x\u%04x`, high, low)
	}
	return fmt.Sprintf(`\u%04x`, r)
}

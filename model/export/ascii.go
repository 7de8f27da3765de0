package export

import (
	"strings"
	"unicode/utf8"
)

// signs are the characters of drawings and sentences that ASCII has another one for; all
// are one cell wide, so that columns stay columns.
var signs = map[rune]byte{
	'─': '-', '│': '|', '╌': '.', '╴': '-', '╶': '-', '╵': '|', '╷': '|',
	'┌': '+', '┐': '+', '└': '+', '┘': '+', '╭': '+', '╮': '+', '╰': '+', '╯': '+',
	'├': '+', '┤': '+', '┬': '+', '┴': '+', '┼': '+',
	'▶': '>', '→': '>', '▲': '!', '✗': 'x', '×': 'x', '●': '*', '○': 'o', '·': '-', '…': '~',
	'“': '"', '”': '"', '‘': '\'', '’': '\'', '–': '-', '—': '-',
}

// ascii is text in ASCII alone. What it has no sign for is a question mark.
func ascii(s string) string {
	return strings.Map(func(r rune) rune {
		if r < utf8.RuneSelf {
			return r
		}
		if sign, ok := signs[r]; ok {
			return rune(sign)
		}
		return '?'
	}, s)
}

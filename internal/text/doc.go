// Package text makes foreign text safe to show, measures it in cells of a terminal, and fits it into lines.
//
// Names, tags, descriptions and messages come from AWS, from files and from other people's programs. The policy for all
// of them is one: white space is a blank; what draws nothing or acts on a terminal (controls, direction overrides, zero
// width and private characters, bytes that are no UTF-8) is U+FFFD, which a reader sees. Escapes of a notation
// (Markdown, shell, YAML, HCL) belong to whatever writes that notation, and stand on this.
package text

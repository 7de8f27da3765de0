package ui

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"

	"hopscope/model/fix"
	"hopscope/ui/theme"
)

// diffLine is a line of a difference: its sign is '+', '-' or ' ', or '@' for a
// heading.
type diffLine struct {
	sign byte
	text string
}

// diff is a difference as text: a sign and a colour in front of each line.
func (e explainer) diff(lines []diffLine) []paragraph {
	var out []paragraph
	for _, l := range lines {
		p := paragraph{text: string(l.sign) + " " + l.text, code: true, style: e.Dim, leadStyle: e.Dim}
		switch l.sign {
		case '+':
			p.style = e.State(theme.Good)
		case '-':
			p.style = e.State(theme.Bad)
		case '@':
			p.text, p.style = l.text, e.Theme.Text
		}
		out = append(out, p)
	}
	return out
}

// blockDiff is the difference of two Service Connect blocks, line by line.
func blockDiff(before, after string) []diffLine {
	return lineDiff(strings.Split(indented(before), "\n"), strings.Split(indented(after), "\n"))
}

func indented(block string) string {
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(block), "", "  "); err != nil {
		return block
	}
	return b.String()
}

// lineDiff is a shortest difference.
func lineDiff(a, b []string) []diffLine {
	// common[i][j] is the length of the longest common part of a[i:] and b[j:].
	common := make([][]int, len(a)+1)
	for i := range common {
		common[i] = make([]int, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			common[i][j] = max(common[i+1][j], common[i][j+1])
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			}
		}
	}
	var out []diffLine
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		switch {
		case i < len(a) && j < len(b) && a[i] == b[j]:
			out = append(out, diffLine{' ', a[i]})
			i, j = i+1, j+1
		case j == len(b) || i < len(a) && common[i+1][j] >= common[i][j+1]:
			out = append(out, diffLine{'-', a[i]})
			i++
		default:
			out = append(out, diffLine{'+', b[j]})
			j++
		}
	}
	return out
}

// groupDiffs are the rules that a plan adds to security groups and takes away.
func groupDiffs(p *fix.Plan, later bool) []diffLine {
	var out []diffLine
	last := ""
	for i := range p.Steps {
		step := &p.Steps[i]
		if step.Group == "" || step.Rule == nil || step.Later != later {
			continue
		}
		sign, way := byte('+'), "from"
		if step.Kind == fix.RevokeIngress {
			sign = '-'
		}
		side := "ingress"
		if step.Kind == fix.AuthorizeEgress {
			side, way = "egress", "to"
		}
		if head := fmt.Sprintf("security group %s, %s", step.Group, side); head != last {
			out = append(out, diffLine{'@', head})
			last = head
		}
		out = append(out, diffLine{sign, fmt.Sprintf("%s %s %s", step.Rule.Ports(), way, step.Rule.Peer())})
	}
	return out
}

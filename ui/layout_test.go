package ui

import (
	"fmt"
	"image"
	"testing"
)

func TestTheLayoutDividesTheScreen(t *testing.T) {
	r := image.Rect
	plain, paths, full := needs{}, needs{focus: pathsFocus}, needs{banner: true, prompt: true}
	cases := []struct {
		width, height int
		needs         needs
		want          layout
	}{
		{0, 0, plain, layout{small: true}},
		{59, 24, plain, layout{small: true}},
		{60, 15, plain, layout{small: true}},
		{60, 16, plain, layout{
			narrow: true, header: r(0, 0, 60, 2), footer: r(0, 15, 60, 16), body: r(0, 2, 60, 15),
			prompt: r(0, 2, 60, 2), list: r(0, 2, 60, 15),
		}},
		{60, 16, paths, layout{
			narrow: true, header: r(0, 0, 60, 2), footer: r(0, 15, 60, 16), body: r(0, 2, 60, 15),
			title: r(0, 2, 60, 3), paths: r(0, 3, 60, 11), rule: r(0, 11, 60, 12), explain: r(0, 12, 60, 15),
		}},
		{60, 16, full, layout{
			narrow: true, header: r(0, 0, 60, 2), banner: r(0, 2, 60, 3), footer: r(0, 15, 60, 16),
			body:   r(0, 3, 60, 15),
			prompt: r(0, 3, 60, 4), list: r(0, 4, 60, 15),
		}},
		{80, 24, plain, layout{
			header: r(0, 0, 80, 2), footer: r(0, 23, 80, 24), body: r(0, 2, 80, 23),
			prompt: r(0, 2, 22, 2), list: r(0, 2, 22, 17), divider: r(22, 2, 23, 17),
			title: r(23, 2, 80, 3), paths: r(23, 3, 80, 17), rule: r(0, 17, 80, 18), explain: r(0, 18, 80, 23),
		}},
		{80, 24, full, layout{
			header: r(0, 0, 80, 2), banner: r(0, 2, 80, 3), footer: r(0, 23, 80, 24), body: r(0, 3, 80, 23),
			prompt: r(0, 3, 22, 4), list: r(0, 4, 22, 17), divider: r(22, 3, 23, 17),
			title: r(23, 3, 80, 4), paths: r(23, 4, 80, 17), rule: r(0, 17, 80, 18), explain: r(0, 18, 80, 23),
		}},
		{120, 40, plain, layout{
			header: r(0, 0, 120, 2), footer: r(0, 39, 120, 40), body: r(0, 2, 120, 39),
			prompt: r(0, 2, 31, 2), list: r(0, 2, 31, 29), divider: r(31, 2, 32, 29),
			title: r(32, 2, 120, 3), paths: r(32, 3, 120, 29), rule: r(0, 29, 120, 30), explain: r(0, 30, 120, 39),
		}},
		{200, 60, plain, layout{
			header: r(0, 0, 200, 1), footer: r(0, 59, 200, 60), body: r(0, 1, 200, 59),
			prompt: r(0, 1, 44, 1), list: r(0, 1, 44, 44), divider: r(44, 1, 45, 44),
			title: r(45, 1, 200, 2), paths: r(45, 2, 200, 44), rule: r(0, 44, 200, 45), explain: r(0, 45, 200, 59),
		}},
	}
	for _, c := range cases {
		t.Run(fmt.Sprintf("%d×%d %+v", c.width, c.height, c.needs), func(t *testing.T) {
			if got := arrange(image.Pt(c.width, c.height), c.needs); got != c.want {
				t.Errorf("got  %+v\nwant %+v", got, c.want)
			}
		})
	}
}

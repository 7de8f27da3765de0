package export

import (
	"fmt"
	"strings"

	"hopscope/model/scene"
)

// colours are those of the drawings and pages, in light and in dark surroundings, and on
// paper.
const colours = `:root{--ink:#1f2328;--paper:#fff;--dim:#59636e;--edge:#8c959f;--tint:#f6f8fa;--link:#0550ae;` +
	`--good:#1a7f37;--warn:#8a5a00;--bad:#cf222e;--unknown:#8250df;--calm:#59636e;--none:#59636e;color-scheme:light dark}
@media screen and (prefers-color-scheme:dark){:root{--ink:#e6e9ee;--paper:#16181d;--dim:#a3abb5;--edge:#6e7681;` +
	`--tint:#1f232a;--link:#79b8ff;--good:#5fc47a;--warn:#e5b84a;--bad:#ff8087;--unknown:#c9a3ff;--calm:#a3abb5;` +
	`--none:#a3abb5}}
`

// sceneStyle is the look of drawings.
func sceneStyle() string {
	var b strings.Builder
	b.WriteString(`svg text{font:13px ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace;fill:var(--ink);` +
		`text-anchor:middle}
svg text.start{text-anchor:start}
svg .paper,svg .box,svg .mark{fill:var(--paper)}
svg .box,svg .frame{stroke:var(--edge)}
svg .frame{fill:var(--tint)}
svg .faded{stroke-dasharray:3 3}
svg text.label{stroke:none;fill:var(--ink)}
svg text.name,svg text.port,svg text.faded{fill:var(--dim)}
svg .wire,svg .box.warn,svg .box.unknown{stroke-width:2}
svg .broken{stroke-dasharray:5 4}
`)
	for s := scene.None; s <= scene.Bad; s++ {
		fmt.Fprintf(&b, "svg rect.%[1]s,svg .wire.%[1]s{stroke:var(--%[1]s)}svg .head.%[1]s,svg text.%[1]s,"+
			"svg text.label.%[1]s{fill:var(--%[1]s)}.state.%[1]s{color:var(--%[1]s)}\n", s.Name())
	}
	return b.String()
}

// pageStyle is the look of a page: in one column that a phone shows, and on paper.
const pageStyle = `*{box-sizing:border-box}
body{font:16px/1.5 system-ui,sans-serif;color:var(--ink);background:var(--paper);margin:0 auto;` +
	`max-width:76rem;padding:1rem}
a{color:var(--link)}
a:focus-visible,[tabindex]:focus-visible{outline:3px solid var(--link);outline-offset:2px}
.skip{position:absolute;left:-999px}
.skip:focus{position:static}
h1,h2,h3,h4{line-height:1.25;overflow-wrap:anywhere}
h1{font-size:1.6rem;margin:.5rem 0}
h2{font-size:1.3rem;margin:2rem 0 .5rem;border-bottom:1px solid var(--edge)}
h3{font-size:1.1rem;margin:1.5rem 0 .5rem}
h4{font-size:1rem;margin:0 0 .5rem}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1.5rem;list-style:none;padding:0}
article{border:1px solid var(--edge);border-radius:6px;padding:.75rem 1rem;margin:.75rem 0;content-visibility:auto;` +
	`contain-intrinsic-size:auto 16rem}
article p,li{overflow-wrap:anywhere}
code{font:.875em ui-monospace,"DejaVu Sans Mono",Menlo,Consolas,monospace}
.state{font-weight:600;white-space:nowrap}
.dim{color:var(--dim)}
.drawing{overflow-x:auto;margin:.5rem 0}
.drawing svg{display:block}
.hops{margin:.5rem 0}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem;margin:.5rem 0}
dd{margin:0;overflow-wrap:anywhere}
table{border-collapse:collapse}
th,td{text-align:left;padding:.25rem .75rem .25rem 0}
@media print{nav,.skip{display:none}body{max-width:none;font-size:11pt;padding:0}article{break-inside:avoid;` +
	`content-visibility:visible}.drawing{overflow:visible}.drawing svg{max-width:100%;height:auto}a{color:inherit}}
`

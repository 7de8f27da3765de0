package probe

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"hopscope/internal/text"
	"hopscope/model/k6"
)

// K6 writes a script for k6 that sends the probe's request at a steady rate, counts the
// responses that crossed the agent, and measures the time outside of the app. What a
// user may want otherwise is taken from the environment. hopscope compare reads the
// summaries of two runs.
func (p *Probe) K6(w io.Writer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "// %s\n//\n", text.Clean(p.Path))
	for _, note := range p.Notes {
		fmt.Fprintf(&b, "// %s\n", text.Clean(note))
	}
	params := map[string]any{}
	if p.Host != "" {
		params["headers"] = map[string]string{"Host": p.Host}
	}
	options := map[string]any{}
	if p.Unverified {
		options["insecureSkipTLSVerify"] = true
	}
	if p.ConnectTo != "" {
		fmt.Fprintf(&b, "// k6 resolves the name by the URL: have it lead to %s, or pass -e URL=…\n", text.Clean(p.ConnectTo))
	}
	replaced := strings.NewReplacer("@URL@", literal(p.URL), "@METHOD@", literal(p.Method), "@PARAMS@", literal(params),
		"@OPTIONS@", literal(options), "@WAY@", literal(p.Via), "@HEADER@", literal(Header),
		"@BY_AGENT@", literal(k6.MetricByAgent), "@OUTSIDE@", literal(k6.MetricOutsideApp))
	if _, err := replaced.WriteString(&b, script); err != nil {
		return err
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// literal is a value as JavaScript has it: JSON, with what could end a line or hide in
// one escaped.
func literal(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return "null" // no value of ours
	}
	return string(text.EscapeJSON(data))
}

// script is k6's, with blanks to fill in. A steady rate is what makes two runs comparable:
// with a loop of virtual users, faster responses would make more requests.
const script = `// k6 run --summary-export before.json THIS_FILE
// k6 run --summary-export after.json -e WAY=direct THIS_FILE (when the way was changed; agent the other way round)
// hopscope compare before.json after.json
import http from 'k6/http';
import { check } from 'k6';
import { Rate, Trend } from 'k6/metrics';

const env = (name, otherwise) => __ENV[name] || otherwise;
const url = env('URL', @URL@);
const rate = Number(env('RATE', '20')); // requests a second
const way = env('WAY', @WAY@); // agent or direct: what is expected
const params = @PARAMS@;

const byAgent = new Rate(@BY_AGENT@);
const outsideApp = new Trend(@OUTSIDE@, true);

export const options = Object.assign(@OPTIONS@, {
  scenarios: {
    path: {
      executor: 'constant-arrival-rate',
      rate: rate,
      timeUnit: '1s',
      duration: env('DURATION', '2m'),
      preAllocatedVUs: Math.max(1, Math.ceil(rate / 2)),
      maxVUs: Math.max(10, rate * 5),
    },
  },
  summaryTrendStats: ['avg', 'min', 'med', 'max', 'p(90)', 'p(95)', 'p(99)'],
  thresholds: {
    http_req_failed: ['rate<' + env('MAX_FAILED', '0.01')],
    http_req_duration: ['p(95)<' + env('MAX_P95', '1000')],
  },
});

// The agent's header, whatever case it comes in.
function agentMilliseconds(response) {
  for (const name of Object.keys(response.headers)) {
    if (name.toLowerCase() === @HEADER@) {
      return Number(response.headers[name]);
    }
  }
  return undefined;
}

export default function () {
  const response = http.request(@METHOD@, url, null, params);
  if (response.status === 0) {
    return; // no response: http_req_failed counts it
  }
  const waited = agentMilliseconds(response);
  const crossed = waited !== undefined;
  byAgent.add(crossed);
  if (crossed && !Number.isNaN(waited)) {
    outsideApp.add(Math.max(0, response.timings.duration - waited));
  }
  if (way !== 'unknown') {
    check(response, { 'the way is the expected one': () => crossed === (way === 'agent') });
  }
}
`

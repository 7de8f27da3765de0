package metrics_test

import (
	"bytes"
	"io"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"hopscope/aws"
	"hopscope/aws/awstest"
	"hopscope/aws/metrics"
	"hopscope/aws/simulator"
	"hopscope/model"
	"hopscope/model/observe"
)

// open opens the article's world, which is older than the bubble.
func open(t *testing.T, faults ...simulator.Failure) (*aws.Account, *simulator.Simulator) {
	t.Helper()
	awstest.Environment(t, awstest.FakeKeys())
	w := awstest.Load(t, "article")
	for i := range w.Services {
		w.Services[i].CreatedAt = "1999-12-01T00:00:00Z"
	}
	sim := simulator.New(w, simulator.Options{})
	sim.SetFaults(simulator.Faults{Fail: faults})
	account, err := aws.Open(t.Context(), aws.Options{Region: "ap-northeast-1", Transport: sim})
	if err != nil {
		t.Fatal(err)
	}
	return account, sim
}

func terms() observe.Terms {
	return observe.Terms{Server: model.Ref{Cluster: "sample-cluster", Service: "sample-ecs-app"}, Endpoint: "app"}
}

// More series than one call takes are asked for by several, and each gets its own values.
func TestSeriesAreAskedForInBatches(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		account, sim := open(t)
		ask := terms()
		wanted := ask.Series()
		for len(wanted) < 501 {
			other := observe.Terms{Server: ask.Server, Endpoint: "none-" + strconv.Itoa(len(wanted))}
			wanted = append(other.Series()[:1:1], wanted...)
		}
		end := time.Now().Truncate(time.Minute)
		m, err := metrics.New(account.NewSession(), account.Now).Read(t.Context(), wanted, end.Add(-10*time.Minute), end)
		if err != nil {
			t.Fatal(err)
		}
		if n := awstest.Count(sim, model.GetMetricData); n != 2 {
			t.Errorf("%d calls", n)
		}
		got := ask.Count(m, m.From, m.To)
		if got.Callers != 20*60*10 || got.Agents < 2*got.Callers || len(m.Series) != 501 || len(m.Series[0].Values) != 0 {
			t.Errorf("counted %+v of %d series", got, len(m.Series))
		}
		s := &model.Snapshot{Metrics: m}
		if err := s.Validate(); err != nil || !m.ReadAt.Equal(time.Now()) || m.Source != model.GetMetricData {
			t.Errorf("%v: read at %s by %s", err, m.ReadAt, m.Source)
		}
	})
}

// Each metric costs money, and there is nothing new within a minute.
func TestTheSameIsAskedForOnceAMinute(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		account, sim := open(t)
		r := metrics.New(account.NewSession(), account.Now)
		ask := terms()
		end := time.Now().Truncate(time.Minute)
		read := func(to time.Time, calls int) {
			t.Helper()
			if _, err := r.Read(t.Context(), ask.Series(), to.Add(-10*time.Minute), to); err != nil {
				t.Fatal(err)
			}
			if n := awstest.Count(sim, model.GetMetricData); n != calls {
				t.Errorf("%d calls, want %d", n, calls)
			}
		}
		read(end, 1)
		time.Sleep(59 * time.Second)
		read(end, 1)
		read(end.Add(-time.Minute), 2) // another window
		ask.Endpoint = "other"
		read(end.Add(-time.Minute), 3) // other series
		time.Sleep(time.Minute)
		read(end.Add(-time.Minute), 4)
	})
}

func TestARefusalIsNoEmptyAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		account, _ := open(t, simulator.Failure{Action: string(model.GetMetricData), With: simulator.AccessDenied})
		ask := terms()
		end := time.Now().Truncate(time.Minute)
		m, err := metrics.New(account.NewSession(), account.Now).Read(t.Context(), ask.Series(), end.Add(-time.Minute), end)
		if err == nil || m != nil {
			t.Errorf("%+v, %v", m, err)
		}
	})
}

// What CloudWatch does not give is no empty series, and is asked for again at once.
func TestWhatWasNotReadIsNotEmpty(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, sim := open(t)
		forbidden := true
		account, err := aws.Open(t.Context(), aws.Options{
			Region: "ap-northeast-1",
			Transport: awstest.Transport(func(r *http.Request) (*http.Response, error) {
				answer, err := sim.RoundTrip(r)
				if err == nil && forbidden && strings.HasSuffix(r.URL.Path, "GetMetricData") {
					body := bytes.Replace(awstest.Body(t, answer.Body), []byte("\x68Complete"), []byte("\x69Forbidden"), 1)
					answer.Body, answer.ContentLength = io.NopCloser(bytes.NewReader(body)), int64(len(body))
					answer.Header.Set("Content-Length", strconv.Itoa(len(body)))
				}
				return answer, err
			}),
		})
		if err != nil {
			t.Fatal(err)
		}
		r, ask := metrics.New(account.NewSession(), account.Now), terms()
		end := time.Now().Truncate(time.Minute)
		m, err := r.Read(t.Context(), ask.Series(), end.Add(-10*time.Minute), end)
		if err != nil || len(m.Series) != len(ask.Series())-1 {
			t.Fatalf("%v: %+v", err, m)
		}
		forbidden = false
		if m, err = r.Read(t.Context(), ask.Series(), end.Add(-10*time.Minute), end); err != nil ||
			len(m.Series) != len(ask.Series()) {
			t.Errorf("%v: %+v", err, m)
		}
	})
}

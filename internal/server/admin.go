package server

import (
	"net/http"
	"net/http/pprof"
	"strconv"
	"time"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics are what the admin address shows. They count work and say nothing of
// single cases: not even a label holds an id or a project.
type metrics struct {
	registry *prometheus.Registry
	requests *prometheus.CounterVec
	seconds  *prometheus.HistogramVec
	mails    *prometheus.CounterVec
}

func newMetrics() *metrics {
	m := &metrics{
		registry: prometheus.NewRegistry(),
		requests: prometheus.NewCounterVec(prometheus.CounterOpts{Name: "tocsin_http_requests_total", Help: "Answered requests by method and status class."}, []string{"method", "class"}),
		seconds:  prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "tocsin_http_request_seconds", Help: "Time to answer a request.", Buckets: []float64{.005, .01, .025, .05, .1, .25, .5, 1, 5}}, []string{"method"}),
		mails:    prometheus.NewCounterVec(prometheus.CounterOpts{Name: "tocsin_mail_in_total", Help: "Mails offered over SMTP, by result."}, []string{"result"}),
	}
	m.registry.MustRegister(m.requests, m.seconds, m.mails,
		collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// gauge registers a value that is asked for at each scrape; an error leaves it out.
func (m *metrics) gauge(name, help string, read func() (float64, error)) {
	m.registry.MustRegister(asked{prometheus.NewDesc(name, help, nil, nil), read})
}

type asked struct {
	desc *prometheus.Desc
	read func() (float64, error)
}

func (a asked) Describe(c chan<- *prometheus.Desc) { c <- a.desc }
func (a asked) Collect(c chan<- prometheus.Metric) {
	if v, err := a.read(); err == nil {
		c <- prometheus.MustNewConstMetric(a.desc, prometheus.GaugeValue, v)
	}
}

// observe counts requests. Methods are folded so that a stranger cannot make labels.
func (m *metrics) observe(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		began := time.Now()
		c := &statusCatcher{ResponseWriter: w, status: http.StatusOK}
		next.ServeHTTP(c, r)
		method := r.Method
		switch method {
		case http.MethodGet, http.MethodHead, http.MethodPost:
		default:
			method = "other"
		}
		m.requests.WithLabelValues(method, strconv.Itoa(c.status/100)+"xx").Inc()
		m.seconds.WithLabelValues(method).Observe(time.Since(began).Seconds())
	})
}

type statusCatcher struct {
	http.ResponseWriter
	status int
}

func (c *statusCatcher) WriteHeader(status int) {
	c.status = status
	c.ResponseWriter.WriteHeader(status)
}

// Unwrap lets http.ResponseController reach the writer below.
func (c *statusCatcher) Unwrap() http.ResponseWriter { return c.ResponseWriter }

// handler serves the admin address: metrics and profiles, nothing else.
func (m *metrics) handler() http.Handler {
	mux := http.NewServeMux()
	mux.Handle("GET /metrics", promhttp.HandlerFor(m.registry, promhttp.HandlerOpts{}))
	mux.HandleFunc("GET /debug/pprof/", pprof.Index)
	mux.HandleFunc("GET /debug/pprof/cmdline", pprof.Cmdline)
	mux.HandleFunc("GET /debug/pprof/profile", pprof.Profile)
	mux.HandleFunc("GET /debug/pprof/symbol", pprof.Symbol)
	mux.HandleFunc("GET /debug/pprof/trace", pprof.Trace)
	return mux
}

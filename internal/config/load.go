package config

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sort"
	"strings"

	"go.yaml.in/yaml/v3"
)

// fileLimit bounds a configuration file; a real one has some hundred bytes.
const fileLimit = 1 << 20

// Load returns the settings from, in rising strength: defaults, the YAML file
// (its path may be empty), TOCSIN_ variables in environ, flags. All problems are
// reported in one error, each with the place it came from.
func Load(file string, environ []string, flags map[string]string) (Config, error) {
	var c Config
	var problems []error
	byName := map[string]Option{}
	for _, o := range Options() {
		byName[o.Name] = o
		if err := o.set(&c, o.Default); err != nil {
			return c, fmt.Errorf("default of %s: %w", o.Name, err)
		}
	}
	apply := func(place, name, value string) {
		if err := byName[name].set(&c, value); err != nil {
			problems = append(problems, fmt.Errorf("%s: %w", place, err))
		}
	}
	if file != "" {
		rows, err := readFile(file)
		if err != nil {
			return c, err
		}
		for _, r := range rows {
			if _, ok := byName[r.key]; !ok {
				problems = append(problems, fmt.Errorf("%s:%d: unknown key %q%s", file, r.line, r.key, meant(r.key, byName)))
				continue
			}
			apply(fmt.Sprintf("%s:%d: %s", file, r.line, r.key), r.key, r.value)
		}
	}
	c.Warnings = applyEnv(environ, byName, apply)
	for name, value := range flags {
		if _, ok := byName[name]; ok {
			apply("--"+name, name, value)
		}
	}
	c.complete()
	problems = append(problems, c.check()...)
	return c, errors.Join(problems...)
}

// applyEnv takes the TOCSIN_ variables that are settings. Others with this
// prefix are only warned about: an environment is shared, a file is ours.
func applyEnv(environ []string, byName map[string]Option, apply func(place, name, value string)) []string {
	var warnings []string
	known := map[string]string{}
	for _, o := range byName {
		known[o.Env] = o.Name
	}
	sort.Strings(environ)
	for _, pair := range environ {
		key, value, _ := strings.Cut(pair, "=")
		name, ok := known[key]
		switch {
		case ok:
			apply(key, name, value)
		case strings.HasPrefix(key, "TOCSIN_") && !otherVariables[key]:
			warnings = append(warnings, fmt.Sprintf("%s: unknown variable%s", key, meant(strings.ReplaceAll(strings.ToLower(key[len("TOCSIN_"):]), "_", "-"), byName)))
		}
	}
	return warnings
}

// otherVariables are the TOCSIN_ variables that are not settings of the server.
var otherVariables = map[string]bool{
	"TOCSIN_TOKEN": true, "TOCSIN_CONFIG": true, "TOCSIN_SHARED": true, "TOCSIN_TOOLS": true,
	"TOCSIN_TEST_POSTGRES": true,
}

// complete fills what follows from other settings.
func (c *Config) complete() {
	if c.URL == "" && c.Listen != "" {
		scheme := "http"
		if c.TLSCert != "" {
			scheme = "https"
		}
		host, port, err := net.SplitHostPort(c.Listen)
		if err == nil {
			if host == "" || host == "0.0.0.0" || host == "::" {
				host = "localhost"
			}
			c.URL = scheme + "://" + net.JoinHostPort(host, port)
		}
	}
	if c.MailDomain == "" {
		c.MailDomain = hostOf(c.URL)
	}
}

// check names what does not go together.
func (c *Config) check() []error {
	var problems []error
	if (c.TLSCert == "") != (c.TLSKey == "") {
		problems = append(problems, errors.New("tls-cert and tls-key go together: name both or neither"))
	}
	if c.SiteKeyFile != "" && c.SiteKeyCommand != "" {
		problems = append(problems, errors.New("site-key-file and site-key-command: name one of them"))
	}
	for _, a := range []struct{ name, value string }{{"listen", c.Listen}, {"smtp", c.SMTP}, {"admin-listen", c.AdminListen}, {"dns", c.DNS}} {
		if a.value == "" {
			continue
		}
		if _, _, err := net.SplitHostPort(a.value); err != nil {
			problems = append(problems, fmt.Errorf("%s: %q is not HOST:PORT", a.name, a.value))
		}
	}
	if c.Data == "" {
		problems = append(problems, errors.New("data: name a folder"))
	}
	return problems
}

type row struct {
	key, value string
	line       int
}

// readFile returns the flat key-value rows of a YAML file.
func readFile(path string) ([]row, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	defer f.Close()
	raw, err := io.ReadAll(io.LimitReader(f, fileLimit+1))
	if err != nil {
		return nil, fmt.Errorf("configuration: %w", err)
	}
	if len(raw) > fileLimit {
		return nil, fmt.Errorf("%s: larger than %d bytes", path, fileLimit)
	}
	return parse(path, raw)
}

// parse reads a flat YAML mapping: names to scalars or lists of scalars.
func parse(path string, raw []byte) ([]row, error) {
	var doc yaml.Node
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if len(doc.Content) == 0 {
		return nil, nil
	}
	top := doc.Content[0]
	if top.Kind != yaml.MappingNode {
		return nil, fmt.Errorf("%s:%d: expected lines of the form NAME: VALUE", path, top.Line)
	}
	var rows []row
	seen := map[string]int{}
	for i := 0; i+1 < len(top.Content); i += 2 {
		k, v := top.Content[i], top.Content[i+1]
		if at, twice := seen[k.Value]; twice {
			return nil, fmt.Errorf("%s:%d: %q stands already in line %d", path, k.Line, k.Value, at)
		}
		seen[k.Value] = k.Line
		value, err := scalar(v)
		if err != nil {
			return nil, fmt.Errorf("%s:%d: %s: %w", path, v.Line, k.Value, err)
		}
		rows = append(rows, row{k.Value, value, k.Line})
	}
	return rows, nil
}

func scalar(n *yaml.Node) (string, error) {
	switch n.Kind {
	case yaml.ScalarNode:
		if n.Tag == "!!null" {
			return "", nil
		}
		return n.Value, nil
	case yaml.SequenceNode:
		words := make([]string, 0, len(n.Content))
		for _, item := range n.Content {
			if item.Kind != yaml.ScalarNode {
				return "", errors.New("expected a list of plain values")
			}
			words = append(words, item.Value)
		}
		return strings.Join(words, ","), nil
	default:
		return "", errors.New("expected a plain value")
	}
}

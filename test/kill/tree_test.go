package kill

import (
	"bytes"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/ProtonMail/go-crypto/openpgp"

	"github.com/tocsin-sec/tocsin/internal/advisory/pubtree"
)

// watcher fetches the published tree all the time, as the world would, and notes
// every moment at which it was neither wholly old nor wholly new.
type watcher struct {
	w    *world
	stop chan struct{}
	done chan struct{}
	// thorough makes every look fetch documents, hashes and signatures again.
	thorough atomic.Bool

	mu       sync.Mutex
	looks    int                 // complete looks at the tree
	known    map[string][32]byte // documents that were seen whole, and their hash
	problems []string
}

// errGone says that no server answered: that is what a kill looks like.
var errGone = errors.New("no server answered")

func (w *world) watch() {
	w.tree = &watcher{w: w, stop: make(chan struct{}), done: make(chan struct{}), known: map[string][32]byte{}}
	go w.tree.run()
	w.t.Cleanup(w.tree.end)
}

func (x *watcher) end() {
	select {
	case <-x.stop:
	default:
		close(x.stop)
	}
	<-x.done
}

// documents is how many documents were seen whole.
func (x *watcher) documents() int {
	x.mu.Lock()
	defer x.mu.Unlock()
	return len(x.known)
}

func (x *watcher) run() {
	defer close(x.done)
	tick := time.NewTicker(200 * time.Millisecond)
	defer tick.Stop()
	for {
		if err := x.look(x.thorough.Load()); err != nil && !errors.Is(err, errGone) {
			x.mu.Lock()
			x.problems = append(x.problems, err.Error())
			x.mu.Unlock()
		}
		select {
		case <-x.stop:
			return
		case <-tick.C:
		}
	}
}

// fetch gets one file of the tree from the first server that answers.
func (x *watcher) fetch(path string) ([]byte, error) {
	for _, n := range x.w.nodes {
		s := n.server()
		if s == nil {
			continue
		}
		answer, err := s.Client.Get(s.URL + "/" + path)
		if err != nil {
			continue
		}
		raw, err := io.ReadAll(answer.Body)
		answer.Body.Close()
		if err != nil || answer.StatusCode == http.StatusServiceUnavailable {
			continue
		}
		if answer.StatusCode == http.StatusNotFound {
			return nil, nil
		}
		if answer.StatusCode != http.StatusOK {
			return nil, fmt.Errorf("%s: %s", path, answer.Status)
		}
		return raw, nil
	}
	return nil, errGone
}

// look reads index, changes and feed; when no publication came in between, they
// must name the same documents, and each must be there with hashes and signature. A
// document seen whole before is fetched again only in a thorough look.
func (x *watcher) look(thorough bool) error {
	p := pubtree.Paths{Slug: slug}
	index, err := x.fetch(p.Index(pubtree.White))
	if err != nil {
		return err
	}
	changes, err := x.fetch(p.Changes(pubtree.White))
	if err != nil {
		return err
	}
	feed, err := x.fetch(p.Feed(pubtree.White))
	if err != nil {
		return err
	}
	again, err := x.fetch(p.Index(pubtree.White))
	if err != nil {
		return err
	}
	names := strings.Fields(string(index))
	slices.Sort(names)
	if bytes.Equal(index, again) {
		if err := sameNames(names, changes, feed); err != nil {
			return err
		}
	}
	for _, name := range names {
		if err := x.document(p, name, thorough); err != nil {
			return err
		}
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	for name := range x.known {
		if !slices.Contains(names, name) {
			return fmt.Errorf("index.txt lost %s", name)
		}
	}
	x.looks++
	return nil
}

func sameNames(names []string, changes, feed []byte) error {
	rows, err := csv.NewReader(bytes.NewReader(changes)).ReadAll()
	if err != nil {
		return fmt.Errorf("changes.csv: %w", err)
	}
	var changed []string
	for _, r := range rows {
		changed = append(changed, r[0])
	}
	slices.Sort(changed)
	if !slices.Equal(names, changed) {
		return fmt.Errorf("index.txt names %v, changes.csv %v", names, changed)
	}
	if len(feed) == 0 {
		if len(names) > 0 {
			return errors.New("index.txt has documents and there is no feed")
		}
		return nil
	}
	var rolie struct {
		Feed struct {
			Entry []struct {
				Content struct {
					Src string `json:"src"`
				} `json:"content"`
			} `json:"entry"`
		} `json:"feed"`
	}
	if err := json.Unmarshal(feed, &rolie); err != nil {
		return fmt.Errorf("feed: %w", err)
	}
	if len(rolie.Feed.Entry) != len(names) {
		return fmt.Errorf("index.txt has %d documents, the feed %d", len(names), len(rolie.Feed.Entry))
	}
	for _, e := range rolie.Feed.Entry {
		if !slices.ContainsFunc(names, func(n string) bool { return strings.HasSuffix(e.Content.Src, "/"+n) }) {
			return fmt.Errorf("the feed has %s, index.txt has not", e.Content.Src)
		}
	}
	return nil
}

// document checks one listed document: there, hashed, signed by the key of the
// provider metadata, and never another one.
func (x *watcher) document(p pubtree.Paths, name string, thorough bool) error {
	x.mu.Lock()
	before, known := x.known[name]
	x.mu.Unlock()
	if known && !thorough {
		return nil
	}
	raw, err := x.fetch(p.Folder(pubtree.White) + name)
	if err != nil {
		return err
	}
	if raw == nil {
		return fmt.Errorf("%s is listed and absent", name)
	}
	sum := sha256.Sum256(raw)
	if known && sum != before {
		return fmt.Errorf("%s is not what it was", name)
	}
	wide := sha512.Sum512(raw)
	for ext, want := range map[string]string{".sha256": hex.EncodeToString(sum[:]), ".sha512": hex.EncodeToString(wide[:])} {
		line, err := x.fetch(p.Folder(pubtree.White) + name + ext)
		if err != nil {
			return err
		}
		if !strings.HasPrefix(string(line), want+" ") {
			return fmt.Errorf("%s%s does not fit: %q", name, ext, line)
		}
	}
	signature, err := x.fetch(p.Folder(pubtree.White) + name + ".asc")
	if err != nil {
		return err
	}
	ring, err := x.keys(p)
	if err != nil {
		return err
	}
	if _, err := openpgp.CheckArmoredDetachedSignature(ring, bytes.NewReader(raw), bytes.NewReader(signature), nil); err != nil {
		return fmt.Errorf("signature of %s: %w", name, err)
	}
	x.mu.Lock()
	x.known[name] = sum
	x.mu.Unlock()
	return nil
}

// keys reads the keys that the provider metadata names.
func (x *watcher) keys(p pubtree.Paths) (openpgp.EntityList, error) {
	raw, err := x.fetch(p.Provider())
	if err != nil {
		return nil, err
	}
	var provider struct {
		Keys []struct {
			Fingerprint string `json:"fingerprint"`
		} `json:"public_openpgp_keys"`
	}
	if err := json.Unmarshal(raw, &provider); err != nil {
		return nil, fmt.Errorf("provider-metadata.json: %w", err)
	}
	var ring openpgp.EntityList
	for _, k := range provider.Keys {
		armored, err := x.fetch(p.Key(strings.ToUpper(k.Fingerprint)))
		if err == nil && armored == nil {
			armored, err = x.fetch(p.Key(strings.ToLower(k.Fingerprint)))
		}
		if err != nil {
			return nil, err
		}
		list, err := openpgp.ReadArmoredKeyRing(bytes.NewReader(armored))
		if err != nil {
			return nil, fmt.Errorf("key %s: %w", k.Fingerprint, err)
		}
		ring = append(ring, list...)
	}
	return ring, nil
}

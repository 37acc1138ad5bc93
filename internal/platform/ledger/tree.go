package ledger

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
)

// head is the last entry of a stream at some moment.
type head struct {
	stream string
	seq    int64
	hash   [sha256.Size]byte
}

// rootOf is the Merkle root (RFC 6962, as tlog hashes) of the heads sorted by
// stream; it sorts in Go, since the engines order text differently.
func rootOf(heads []head) tlog.Hash {
	slices.SortFunc(heads, func(a, b head) int { return cmp.Compare(a.stream, b.stream) })
	hashes := make([]tlog.Hash, len(heads))
	var buf []byte
	for i, h := range heads {
		buf = append(buf[:0], h.hash[:]...)
		buf = binary.BigEndian.AppendUint64(buf, uint64(h.seq))
		buf = append(buf, h.stream...)
		hashes[i] = tlog.RecordHash(buf)
	}
	return merkle(hashes)
}

// merkle is tlog.TreeHash over hashes in memory.
func merkle(hashes []tlog.Hash) tlog.Hash {
	switch len(hashes) {
	case 0:
		return tlog.Hash(sha256.Sum256(nil))
	case 1:
		return hashes[0]
	}
	k := 1
	for k*2 < len(hashes) {
		k *= 2
	}
	return tlog.NodeHash(merkle(hashes[:k]), merkle(hashes[k:]))
}

// leaf is one record of the log. Its nonce keeps outsiders, who may see the
// hash, from learning whether anything happened in a minute.
type leaf struct {
	n, at int64
	mark  string // "" or markRestored
	nonce []byte
	root  tlog.Hash
}

// markRestored is the mark of the first leaf after a restore from a backup.
const markRestored = "restored"

func (l leaf) hash() tlog.Hash {
	buf := append([]byte("tocsin leaf 1\n"), l.mark...)
	buf = append(buf, '\n')
	buf = binary.BigEndian.AppendUint64(buf, uint64(l.at))
	buf = append(buf, l.root[:]...)
	buf = append(buf, l.nonce...)
	return tlog.RecordHash(buf)
}

// Checkpoint is the signed state of the log: all leaves before Size.
type Checkpoint struct {
	Origin string
	Size   int64
	Root   tlog.Hash
}

// text is the body of a checkpoint note (C2SP tlog-checkpoint).
func (c Checkpoint) text() string {
	return fmt.Sprintf("%s\n%d\n%s\n", c.Origin, c.Size, base64.StdEncoding.EncodeToString(c.Root[:]))
}

// ParseCheckpoint reads a checkpoint note signed by one of the public keys. It
// is fault.Invalid "ledger.bad_checkpoint" for another text, "ledger.bad_signature"
// when no key fits and "ledger.bad_key" for a malformed key.
func ParseCheckpoint(text []byte, keys []string) (Checkpoint, error) {
	var known []note.Verifier
	for _, k := range keys {
		v, err := note.NewVerifier(strings.TrimSpace(k))
		if err != nil {
			return Checkpoint{}, fault.New(fault.Invalid, "ledger.bad_key").Because(err)
		}
		known = append(known, v)
	}
	n, err := note.Open(text, note.VerifierList(known...))
	if err != nil {
		return Checkpoint{}, fault.New(fault.Invalid, "ledger.bad_signature").Because(err)
	}
	bad := fault.New(fault.Invalid, "ledger.bad_checkpoint")
	lines := strings.Split(n.Text, "\n")
	if len(lines) != 4 || lines[3] != "" {
		return Checkpoint{}, bad
	}
	size, err := strconv.ParseInt(lines[1], 10, 64)
	if err != nil || size < 1 || strconv.FormatInt(size, 10) != lines[1] {
		return Checkpoint{}, bad
	}
	root, err := base64.StdEncoding.DecodeString(lines[2])
	if err != nil || len(root) != sha256.Size {
		return Checkpoint{}, bad
	}
	return Checkpoint{Origin: lines[0], Size: size, Root: tlog.Hash(root)}, nil
}

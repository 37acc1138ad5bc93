package casework

import (
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/casework/typed"
	"github.com/tocsin-sec/tocsin/internal/desk"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// next makes the case's next item; the case must be saved with it.
func (c *Case) next(kind ItemKind, to Audience, hold Hold, trust Trust, now time.Time) Item {
	c.Items++
	if to == Everyone && hold == Posted {
		// Lists sort by this: what only the team may know of must not move it.
		c.ChangedAt = now
	}
	return Item{ID: ItemID(ident.New()), Case: c.ID, Number: c.Items, Kind: kind, Audience: to, Hold: hold, Trust: trust, At: now}
}

// reportItems are the first items of a case: what the reporter wrote and what the
// desk answered.
func reportItems(c *Case, msgs []desk.Message, now time.Time) []Item {
	var out []Item
	for _, m := range msgs {
		trust := trustOf(m)
		if !m.Inbound {
			trust = Session
		}
		i := c.next(KindReport, Everyone, Posted, trust, m.At)
		i.fill(m)
		if !m.Inbound {
			i.Letter = string(m.ID) // the letter of an answer has its id
		}
		out = append(out, i)
	}
	c.ChangedAt = now
	return out
}

// fill takes what an item shows from a mail. The words are copied so that the
// case is whole under its own key; the mail as it came stays with desk.
func (i *Item) fill(m desk.Message) {
	i.Mail, i.Replayed = m.ID, m.Replayed
	if sig, ok := m.Authenticates(); ok {
		i.Author = people.PersonID(sig.Person)
	}
	i.Content = Content{From: m.From.Name, Address: m.From.Mail, Subject: typed.Cut(m.Subject, maxTitle*4), Text: typed.Cut(m.Text, maxText), Troubles: len(m.Troubles), Cipher: m.Cipher != desk.Clear}
	if sig, ok := m.Authenticates(); ok && sig.Person == "" {
		// The item shows as signed: beside the key's own address, not beside what anybody
		// can write into a From line.
		i.Content.From, i.Content.Address = "", sig.Address
	}
	for _, p := range m.Parts {
		if p.File == "" || len(i.Files) == maxFiles {
			continue
		}
		i.Files = append(i.Files, File{ID: FileID(ident.New()), Case: i.Case, Item: i.ID, Blob: p.File, Size: p.Size, Name: typed.FileName(p.Name), Type: p.Type})
	}
}

// trustOf says what is known of who wrote a mail.
func trustOf(m desk.Message) Trust {
	if _, ok := m.Authenticates(); ok {
		return Signed
	}
	if m.Auth.Aligned() {
		return Aligned
	}
	return Unverified
}

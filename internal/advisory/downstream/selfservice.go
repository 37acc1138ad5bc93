package downstream

import (
	"context"
	"crypto/hmac"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/fault"
	"github.com/tocsin-sec/tocsin/internal/base/ident"
	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/people"
)

// KindAsk is the scope of what somebody without an account asks for.
const KindAsk = "advisory.downstream_ask"

// The bounds of self-service: a stranger must not make us write to others.
const (
	askAgain = 24 * time.Hour // one question to an address in this time
	askEvery = time.Hour
	askMost  = 60 // questions of a project in askEvery
)

// link is an address that only its mail tells. The token proves itself: nothing is
// stored for it, and it says nothing to who guesses.
func (s *Service) link(what string, project people.ProjectID, id string) string {
	return s.URL + "/" + what + "/" + s.token(what, project, id)
}

func (s *Service) token(what string, project people.ProjectID, id string) string {
	return string(project) + "." + id + "." + s.MAC("downstream."+what, string(project)+"."+id)
}

func (s *Service) unsubscribeLink(x Subscription) string {
	return s.link("unsubscribe", x.Project, x.ID)
}

// parse takes a token apart; one that is not ours is fault.Missing.
func (s *Service) parse(what, token string) (people.ProjectID, string, error) {
	project, rest, _ := strings.Cut(token, ".")
	id, _, ok := strings.Cut(rest, ".")
	if !ok || !hmac.Equal([]byte(token), []byte(s.token(what, people.ProjectID(project), id))) {
		return "", "", fault.Missing()
	}
	return people.ProjectID(project), id, nil
}

// Ask is a stranger's wish to hear by mail. The address gets a question whose link has to
// be followed; nothing is sent before. The answer is the same whether it was asked
// already or not. It fails with Invalid for what is no address, with TooMany when too
// many ask.
func (s *Service) Ask(ctx context.Context, project people.ProjectID, address, lang string, wants []Want) error {
	sc := people.AsJob(KindAsk, string(project))
	x := Change{Name: address, Address: address, Lang: lang, Wants: wants}.into(Subscription{ID: ident.New(), Project: project, Kind: Mail, State: Pending})
	if err := x.check(false); err != nil {
		return err
	}
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		p, err := s.Projects.Project(ctx, tx, sc, project)
		if err != nil {
			return err
		}
		same, _, err := s.Store.Asked(ctx, tx, sc, project, x.Address, tx.Now().Add(-askAgain))
		if err != nil || same {
			return err
		}
		_, all, err := s.Store.Asked(ctx, tx, sc, project, x.Address, tx.Now().Add(-askEvery))
		if err != nil {
			return err
		}
		if all >= askMost {
			return fault.New(fault.TooMany, "advisory.down.asked_much")
		}
		x.Created = tx.Now()
		if err := s.Store.Add(ctx, tx, sc, x); err != nil {
			return err
		}
		return s.Post.Put(ctx, tx, sc, people.Letter{Project: project, To: []people.Recipient{{Address: x.Address, Lang: lang}}, Key: "advisory.down.confirm",
			Args: map[string]string{"project": p.Name, "link": s.link("subscribe/confirm", project, x.ID)}, Auto: true})
	})
}

// Held is what a link is about: the project and the state of the subscription. It fails
// with fault.Missing for a link that is not ours or whose subscription is gone.
func (s *Service) Held(ctx context.Context, what, token string) (people.Project, Subscription, error) {
	var p people.Project
	var x Subscription
	project, id, err := s.parse(what, token)
	if err != nil {
		return p, x, err
	}
	sc := people.AsJob(KindAsk, string(project))
	err = s.Work.View(ctx, func(ctx context.Context, v unit.View) (err error) {
		if x, err = s.Store.Get(ctx, v, sc, project, id); err != nil {
			return err
		}
		p, err = s.Projects.Project(ctx, v, sc, project)
		return err
	})
	return p, x, err
}

// Confirm follows the link of the question: from now on the address hears.
func (s *Service) Confirm(ctx context.Context, token string) error {
	return s.hold(ctx, "subscribe/confirm", token, func(ctx context.Context, tx unit.Tx, sc people.Scope, x Subscription) error {
		if x.State != Pending {
			return nil
		}
		x.State = Active
		return s.Store.Save(ctx, tx, sc, x)
	})
}

// Unsubscribe follows the link that stands in every mail, at one click (RFC 8058). One of
// the holder's own making is forgotten; one that the team made stays, ended.
func (s *Service) Unsubscribe(ctx context.Context, token string) error {
	return s.hold(ctx, "unsubscribe", token, func(ctx context.Context, tx unit.Tx, sc people.Scope, x Subscription) error {
		if x.By == "" {
			return s.Store.Remove(ctx, tx, sc, x.Project, x.ID)
		}
		if x.State == Ended {
			return nil
		}
		x.State = Ended
		tx.Record(people.ProjectEntry(sc, x.Project, "advisory.ledger.down_ended", map[string]string{"name": x.Name}))
		return s.Store.Save(ctx, tx, sc, x)
	})
}

func (s *Service) hold(ctx context.Context, what, token string, f func(context.Context, unit.Tx, people.Scope, Subscription) error) error {
	project, id, err := s.parse(what, token)
	if err != nil {
		return err
	}
	sc := people.AsJob(KindAsk, string(project))
	return s.Work.Do(ctx, func(ctx context.Context, tx unit.Tx) error {
		x, err := s.Store.Get(ctx, tx, sc, project, id)
		if err != nil {
			return err
		}
		return f(ctx, tx, sc, x)
	})
}

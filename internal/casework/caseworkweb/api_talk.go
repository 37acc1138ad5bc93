package caseworkweb

import (
	"context"
	"time"

	"github.com/tocsin-sec/tocsin/internal/base/unit"
	"github.com/tocsin-sec/tocsin/internal/casework"
	"github.com/tocsin-sec/tocsin/internal/people"
)

type caseInItems struct {
	ID     string `path:"id"`
	Before string `query:"before" doc:"id of the item to go back from"`
}

type caseOutItems struct {
	Body struct {
		Items []CaseItemBody `json:"items"`
	}
}

// apiItems marks what it gives as seen before it gives it, like the page.
func (p Pages) apiItems(ctx context.Context, in *caseInItems) (*caseOutItems, error) {
	id := casework.CaseID(in.ID)
	before, err := p.before(ctx, people.From(ctx), id, in.Before, "")
	if err != nil {
		return nil, err
	}
	_, role, through, err := p.Cases.View(ctx, people.From(ctx), id)
	if err != nil {
		return nil, err
	}
	out := &caseOutItems{}
	out.Body.Items = []CaseItemBody{}
	err = p.Work.View(ctx, func(ctx context.Context, v unit.View) error {
		items, err := p.Cases.Conversation(ctx, v, people.From(ctx), id, min(before, through+1), newest)
		for _, i := range items {
			out.Body.Items = append(out.Body.Items, itemBody(i, role == people.Lead || role == people.Member))
		}
		return err
	})
	return out, err
}

type caseInWrite struct {
	ID   string `path:"id"`
	Body struct {
		Text string `json:"text" maxLength:"200000"`
		Note bool   `json:"internal,omitempty" doc:"an internal note instead of a reply"`
	}
}

type caseOutWritten struct {
	Body struct {
		ID string `json:"id"`
	}
}

func (p Pages) apiWrite(ctx context.Context, in *caseInWrite) (*caseOutWritten, error) {
	id, err := p.Cases.PostMessage(ctx, people.From(ctx), casework.PostMessage{Case: casework.CaseID(in.ID), Text: in.Body.Text, Note: in.Body.Note})
	out := &caseOutWritten{}
	out.Body.ID = string(id)
	return out, err
}

type caseInDecide struct {
	ID   string `path:"id"`
	Item string `path:"item"`
	Body struct {
		LetIn  bool   `json:"let_in"`
		Note   bool   `json:"internal,omitempty"`
		Reason string `json:"reason,omitempty" maxLength:"4000"`
	}
}

func (p Pages) apiDecide(ctx context.Context, in *caseInDecide) (*nothing, error) {
	return nil, p.Cases.DecideMail(ctx, people.From(ctx), casework.Decide{Case: casework.CaseID(in.ID), Item: casework.ItemID(in.Item),
		LetIn: in.Body.LetIn, Team: in.Body.Note, Reason: in.Body.Reason})
}

type caseInTimeline struct {
	ID    string `path:"id"`
	After int64  `query:"after"`
}

type caseOutTimeline struct {
	Body struct {
		Lines []CaseLineBody `json:"lines"`
	}
}

func (p Pages) apiTimeline(ctx context.Context, in *caseInTimeline) (*caseOutTimeline, error) {
	out := &caseOutTimeline{}
	out.Body.Lines = []CaseLineBody{}
	err := p.Work.View(ctx, func(ctx context.Context, v unit.View) error {
		lines, err := p.Cases.History(ctx, v, people.From(ctx), casework.CaseID(in.ID), max(in.After, 0), linesPerPage)
		for _, l := range lines {
			out.Body.Lines = append(out.Body.Lines, CaseLineBody(l))
		}
		return err
	})
	return out, err
}

type caseOutPeople struct {
	Body struct {
		People  []CasePersonBody `json:"people"`
		Invited []CaseInviteBody `json:"invited" doc:"open invitations, for the team"`
	}
}

// CaseInviteBody is an invitation that waits for its answer.
type CaseInviteBody struct {
	ID      string    `json:"id"`
	Person  string    `json:"person"`
	Role    string    `json:"role"`
	Expires time.Time `json:"expires"`
}

func (p Pages) apiPeople(ctx context.Context, in *caseInID) (*caseOutPeople, error) {
	out := &caseOutPeople{}
	out.Body.People, out.Body.Invited = []CasePersonBody{}, []CaseInviteBody{}
	err := p.Work.View(ctx, func(ctx context.Context, v unit.View) error {
		if _, _, err := p.Cases.Get(ctx, v, people.From(ctx), casework.CaseID(in.ID)); err != nil {
			return err
		}
		ps, err := p.Cases.Participants(ctx, v, people.From(ctx), casework.CaseID(in.ID))
		for _, x := range ps {
			out.Body.People = append(out.Body.People, CasePersonBody{string(x.Person), x.Name, string(x.Role), x.Since, x.Seen})
		}
		if err != nil {
			return err
		}
		is, err := p.Cases.InvitesOf(ctx, v, people.From(ctx), casework.CaseID(in.ID))
		for _, i := range is {
			out.Body.Invited = append(out.Body.Invited, CaseInviteBody{i.ID, string(i.Person), string(i.Role), i.Expires})
		}
		return err
	})
	return out, err
}

type caseInInvite struct {
	ID   string `path:"id"`
	Body struct {
		Address string `json:"address" format:"email"`
		Role    string `json:"role" enum:"lead,member,reporter,observer"`
	}
}

func (p Pages) apiInvite(ctx context.Context, in *caseInInvite) (*nothing, error) {
	return nil, p.Cases.Invite(ctx, people.From(ctx), casework.Invite{Case: casework.CaseID(in.ID), Address: in.Body.Address, Role: people.Role(in.Body.Role)})
}

type caseInRemove struct {
	ID     string `path:"id"`
	Person string `path:"person"`
	Role   string `path:"role"`
	Reason string `query:"reason" required:"true"`
}

func (p Pages) apiRemove(ctx context.Context, in *caseInRemove) (*nothing, error) {
	return nil, p.Cases.Remove(ctx, people.From(ctx), casework.CaseID(in.ID), people.PersonID(in.Person), people.Role(in.Role), in.Reason)
}

type caseInSearch struct {
	Q     string `query:"q" required:"true" maxLength:"400"`
	After string `query:"after"`
}

type caseOutSearch struct {
	Body struct {
		Hits []CaseHitBody `json:"hits"`
		Next string        `json:"next,omitempty"`
	}
}

// CaseHitBody is a hit of a search.
type CaseHitBody struct {
	Case string    `json:"case"`
	Item string    `json:"item"`
	At   time.Time `json:"at"`
	Text string    `json:"text" doc:"a piece around the first word; empty for an item that you have not read"`
}

func (p Pages) apiSearch(ctx context.Context, in *caseInSearch) (*caseOutSearch, error) {
	out := &caseOutSearch{}
	out.Body.Hits = []CaseHitBody{}
	err := p.Work.View(ctx, func(ctx context.Context, v unit.View) error {
		f, err := p.Cases.Search(ctx, v, people.From(ctx), in.Q, parseCursor(in.After))
		for _, h := range f.Hits {
			out.Body.Hits = append(out.Body.Hits, CaseHitBody{string(h.Case), string(h.Item.ID), h.Item.At, snippet(h.Item.Content.Text, in.Q)})
		}
		out.Body.Next = cursor(f.Next)
		return err
	})
	return out, err
}

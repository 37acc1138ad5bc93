package sqldb

import (
	"container/list"
	"context"
	"database/sql/driver"
	"errors"
	"strings"
)

// Statements of each SQLite connection that stay compiled. Compiling was a third of
// the time of a short page; pgx keeps its own (PostgreSQL). A compiled statement
// takes some 10 kB.
const (
	keepStatements = 128
	keepLongest    = 8 << 10 // bytes of text; lists of arguments make long ones that hardly come again
)

// compiled is a driver.Connector whose connections keep their statements.
type compiled struct{ driver.Connector }

// Connect implements driver.Connector.
func (c compiled) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Connector.Connect(ctx)
	if err != nil {
		return nil, err
	}
	e, ok := conn.(engine)
	if !ok {
		return nil, errors.Join(errors.New("sqldb: the driver's connections have changed"), conn.Close())
	}
	return &keeper{engine: e, order: list.New(), byText: map[string]*list.Element{}}, nil
}

// engine is what database/sql uses of the driver's connections.
type engine interface {
	driver.Conn
	driver.ConnPrepareContext
	driver.ConnBeginTx
	driver.ExecerContext
	driver.QueryerContext
	driver.Pinger
	driver.SessionResetter
	driver.Validator
}

// keeper is one connection with the statements that it used last. Like every
// connection it is used by one goroutine at a time.
type keeper struct {
	engine
	order  *list.List // of *statement, the newest in front
	byText map[string]*list.Element
}

type statement struct {
	text string
	with stmt
	busy bool // its rows are being read
}

// stmt is what is used of the driver's statements.
type stmt interface {
	driver.Stmt
	driver.StmtExecContext
	driver.StmtQueryContext
}

// ExecContext implements driver.ExecerContext.
func (k *keeper) ExecContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Result, error) {
	s, err := k.statement(ctx, text)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return k.engine.ExecContext(ctx, text, args)
	}
	return s.with.ExecContext(ctx, args)
}

// QueryContext implements driver.QueryerContext.
func (k *keeper) QueryContext(ctx context.Context, text string, args []driver.NamedValue) (driver.Rows, error) {
	s, err := k.statement(ctx, text)
	if err != nil {
		return nil, err
	}
	if s == nil {
		return k.engine.QueryContext(ctx, text, args)
	}
	rows, err := s.with.QueryContext(ctx, args)
	if err != nil {
		return nil, err
	}
	s.busy = true
	return reading{rows, s}, nil
}

// Close implements driver.Conn.
func (k *keeper) Close() error {
	var err error
	for e := k.order.Front(); e != nil; e = e.Next() {
		err = errors.Join(err, e.Value.(*statement).with.Close())
	}
	return errors.Join(err, k.engine.Close())
}

// statement returns the compiled statement, nil for one that is not kept or whose
// rows are being read.
func (k *keeper) statement(ctx context.Context, text string) (*statement, error) {
	if e := k.byText[text]; e != nil {
		k.order.MoveToFront(e)
		if s := e.Value.(*statement); !s.busy {
			return s, nil
		}
		return nil, nil
	}
	if !kept(text) {
		return nil, nil
	}
	made, err := k.engine.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	with, ok := made.(stmt)
	if !ok {
		return nil, made.Close()
	}
	s := &statement{text: text, with: with}
	k.byText[text] = k.order.PushFront(s)
	return s, k.shrink()
}

// shrink drops the statement that was not used for longest.
func (k *keeper) shrink() error {
	for e := k.order.Back(); e != nil && k.order.Len() > keepStatements; {
		before := e.Prev()
		if s := e.Value.(*statement); !s.busy {
			k.order.Remove(e)
			delete(k.byText, s.text)
			return s.with.Close()
		}
		e = before
	}
	return nil
}

// kept reports whether a text is worth keeping: one statement on rows, not a script, a
// change of the schema or a setting.
func kept(text string) bool {
	if len(text) > keepLongest || strings.Contains(text, ";") {
		return false
	}
	word, _, _ := strings.Cut(strings.TrimSpace(text), " ")
	switch strings.ToLower(word) {
	case "select", "insert", "update", "delete", "with":
		return true
	}
	return false
}

// reading is the rows of a kept statement.
type reading struct {
	driver.Rows
	of *statement
}

// Close implements driver.Rows.
func (r reading) Close() error {
	r.of.busy = false
	return r.Rows.Close()
}

package mirrors

import (
	"context"

	"github.com/tocsin-sec/tocsin/internal/product"
)

// AtMost bounds the size of each mirror.
func (m *Mirrors) AtMost(bytes int64) { m.source.MaxBytes = bytes }

// Lock is lock for tests.
func (m *Mirrors) Lock(ctx context.Context, id product.ID) (func(), error) { return m.lock(ctx, id) }

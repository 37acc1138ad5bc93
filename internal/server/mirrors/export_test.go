package mirrors

import (
	"context"

	"github.com/tocsin-sec/tocsin/internal/product"
)

// Lock is lock for tests.
func (m *Mirrors) Lock(ctx context.Context, id product.ID) (func(), error) { return m.lock(ctx, id) }

// Package outside builds a program of a stranger: a module of its own that knows of
// Tocsin what the documentation of the packages under kit says. It shows that these can
// be used without the rest, which a test within this module cannot: it may import
// internal packages.
package outside

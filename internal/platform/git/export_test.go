package git

// Waiting is how many trials Prepare made that nobody asked for.
func (r *Repo) Waiting() int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.waiting)
}

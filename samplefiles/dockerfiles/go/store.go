package main

import "sync"

// store keeps entries in the order in which they came.
type store struct {
	mutex   sync.Mutex
	entries []string
}

func (s *store) add(entry string) {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	s.entries = append(s.entries, entry)
}

func (s *store) all() []string {
	s.mutex.Lock()
	defer s.mutex.Unlock()
	return append([]string(nil), s.entries...)
}

package cve

// CPEApplicability is a statement of the CPE Applicability Language: nodes of CPE match
// strings, combined. It is a member of containers from 5.1.1 on.
type CPEApplicability struct {
	_        struct{}  `strict:"unknown=warn"`
	Operator string    `json:"operator,omitempty" strict:"enum=AND|OR"`
	Negate   *bool     `json:"negate,omitempty"`
	Nodes    []CPENode `json:"nodes" strict:"req"`
}

// CPENode combines match strings.
type CPENode struct {
	_        struct{}   `strict:"unknown=warn"`
	Operator string     `json:"operator" strict:"req,enum=AND|OR"`
	Negate   *bool      `json:"negate,omitempty"`
	CPEMatch []CPEMatch `json:"cpeMatch" strict:"req"`
}

// CPEMatch is a CPE name with the versions that it stands for.
type CPEMatch struct {
	Vulnerable            bool   `json:"vulnerable" strict:"req"`
	Criteria              string `json:"criteria" strict:"req,like=cpe"`
	MatchCriteriaID       string `json:"matchCriteriaId,omitempty" strict:"like=uuid"`
	VersionStartExcluding string `json:"versionStartExcluding,omitempty" strict:"len=1-1024"`
	VersionStartIncluding string `json:"versionStartIncluding,omitempty" strict:"len=1-1024"`
	VersionEndExcluding   string `json:"versionEndExcluding,omitempty" strict:"len=1-1024"`
	VersionEndIncluding   string `json:"versionEndIncluding,omitempty" strict:"len=1-1024"`
}

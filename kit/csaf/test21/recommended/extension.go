package recommended

import (
	"encoding/json"

	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/rule"
	"github.com/tocsin-sec/tocsin/kit/csaf/test21/facts"
	"github.com/tocsin-sec/tocsin/kit/strictjson"
)

// additionalProperties is 6.2.20: no object has a member that the schemas do not define.
// Extensions are checked against their own schema; one that is not known is reported.
func additionalProperties(doc *csaf21.Advisory, env *rule.Env, report rule.Report) {
	for i := range env.Problems {
		if p := &env.Problems[i]; p.Code == strictjson.Unknown || p.Code == strictjson.Forbidden {
			report(p.Pointer, "the schema does not define the key").Fix = rule.Remove(p.Pointer)
		}
	}
	eachExtension(doc, env, func(x *csaf21.Extension, pointer func() string) {
		class := facts.ClassOf(env, x.Schema)
		var known *rule.Extension
		if env.Extension != nil {
			known = env.Extension(x.Schema)
		}
		if known == nil || known.Check == nil {
			report(pointer(), "the %s extension %q is not supported, its content was not checked", class, x.Schema)
			return
		}
		item, err := json.Marshal(x)
		if err == nil {
			err = known.Check(item)
		}
		if err != nil {
			report(pointer(), "the %s extension %q: %v", class, x.Schema, err)
		}
	})
}

// eachExtension calls f for every extension of a document.
func eachExtension(doc *csaf21.Advisory, env *rule.Env, f func(x *csaf21.Extension, pointer func() string)) {
	facts.Extensions(doc, env, func(_ facts.Spot, list []csaf21.Extension, pointer func() string) {
		for i := range list {
			f(&list[i], func() string { return rule.At(pointer()+"/%", i) })
		}
	})
}

// registeredExtension is 6.2.54.1: an extension is registered; official ones are not
// asked.
func registeredExtension(doc *csaf21.Advisory, env *rule.Env, report rule.Report) {
	eachExtension(doc, env, func(x *csaf21.Extension, pointer func() string) {
		if facts.ClassOf(env, x.Schema) == facts.Experimental {
			report(pointer(), "the extension %q is neither official nor registered", x.Schema)
		}
	})
}

// officialExtension is 6.2.54.2: an extension is official.
func officialExtension(doc *csaf21.Advisory, env *rule.Env, report rule.Report) {
	eachExtension(doc, env, func(x *csaf21.Extension, pointer func() string) {
		if c := facts.ClassOf(env, x.Schema); c != facts.Official {
			report(pointer(), "the extension %q is %s, not official", x.Schema, c)
		}
	})
}

// criticalExtension is 6.2.54.3: no extension is critical.
func criticalExtension(doc *csaf21.Advisory, env *rule.Env, report rule.Report) {
	eachExtension(doc, env, func(x *csaf21.Extension, pointer func() string) {
		if x.Critical {
			report(pointer()+"/critical", "the extension %q is critical", x.Schema)
		}
	})
}

// experimentalClear is 6.2.54.4: a TLP:CLEAR document has no experimental extension.
func experimentalClear(doc *csaf21.Advisory, env *rule.Env, report rule.Report) {
	if !facts.IsClear(doc) {
		return
	}
	eachExtension(doc, env, func(x *csaf21.Extension, pointer func() string) {
		if facts.ClassOf(env, x.Schema) == facts.Experimental {
			report(pointer(), "the document is TLP:CLEAR and the extension %q experimental", x.Schema)
		}
	})
}

// extensionInWithdrawn is 6.2.39.5: a document that is withdrawn or superseded has no
// extension.
func extensionInWithdrawn(doc *csaf21.Advisory, _ *rule.Env, report rule.Report) {
	if c := doc.Document.Category; c != "csaf_withdrawn" && c != "csaf_superseded" {
		return
	}
	if doc.Document.Extensions != nil {
		report("/document/x_extensions", "a document of the profile %s has no extension", doc.Document.Category)
	}
	if doc.Extensions != nil {
		report("/x_extensions", "a document of the profile %s has no extension", doc.Document.Category)
	}
}

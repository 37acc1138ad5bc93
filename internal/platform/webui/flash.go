package webui

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
)

// flash is a message that the next page shows once. It rides in a cookie of the
// reader's browser, so that its arguments must be no secrets.
type flash struct {
	Key  string            `json:"k"`
	Args map[string]string `json:"a,omitempty"`
}

const flashCookie = "flash"

// Flash keeps a message for the next page: a catalogue key and its arguments as
// pairs. Call it before Redirect. The arguments must not hold confidential text.
func (c *Ctx) Flash(key string, args ...any) {
	f := flash{Key: key, Args: map[string]string{}}
	for i := 0; i+1 < len(args); i += 2 {
		f.Args[fmt.Sprint(args[i])] = fmt.Sprint(args[i+1])
	}
	raw, err := json.Marshal(f)
	if err != nil || len(raw) > 1000 {
		return
	}
	c.setCookie(flashCookie, base64.RawURLEncoding.EncodeToString(raw), 120)
}

// takeFlash returns the kept message's text and forgets it.
func (c *Ctx) takeFlash() string {
	ck, err := c.R.Cookie(flashCookie)
	if err != nil {
		return ""
	}
	c.setCookie(flashCookie, "", -1)
	raw, err := base64.RawURLEncoding.DecodeString(ck.Value)
	if err != nil {
		return ""
	}
	var f flash
	// Only the catalogue's own texts show: a planted cookie cannot put words here.
	if json.Unmarshal(raw, &f) != nil || !c.app.cfg.Catalog.Has(f.Key) {
		return ""
	}
	return c.T(f.Key, f.Args)
}

func (c *Ctx) setCookie(name, value string, age int) {
	http.SetCookie(c.W, &http.Cookie{Name: name, Value: value, Path: "/", MaxAge: age,
		HttpOnly: true, SameSite: http.SameSiteLaxMode, Secure: c.state.https})
}

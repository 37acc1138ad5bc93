package credential

import (
	"crypto/subtle"
	"fmt"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"github.com/tocsin-sec/tocsin/internal/base/secret"
)

// The parameters of RFC 6238 that every authenticator app has: SHA-1, six digits,
// steps of 30 seconds. One step on each side makes up for clocks (section 5.2).
const (
	period     = 30
	skew       = 1
	secretSize = 20 // bytes, the length of the hash (RFC 4226 section 4, R6)
)

// Codes makes and checks time-based one-time codes. Issuer is what the app shows.
type Codes struct{ Issuer string }

// New returns a fresh secret in base32 and the otpauth URL that carries it.
func (c Codes) New(account string) (key, url secret.String, err error) {
	issuer := strings.ReplaceAll(c.Issuer, ":", " ")
	if issuer == "" {
		issuer = "Tocsin"
	}
	k, err := totp.Generate(totp.GenerateOpts{Issuer: issuer, AccountName: account, SecretSize: secretSize, Period: period, Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
	if err != nil {
		return secret.String{}, secret.String{}, fmt.Errorf("make a one-time secret: %w", err)
	}
	return secret.New(k.Secret()), secret.New(k.URL()), nil
}

// Match returns the step of the code, and false for a code that is wrong at
// now. The caller refuses a step that is not after the last one used (RFC 6238
// section 5.2: a code is accepted once). Every step is compared, whichever fits.
func (c Codes) Match(key secret.String, code string, now time.Time) (step int64, ok bool) {
	code = strings.Map(func(r rune) rune {
		if r == ' ' || r == '-' {
			return -1
		}
		return r
	}, code)
	at := now.Unix() / period
	for s := at - skew; s <= at+skew; s++ {
		want, err := hotp.GenerateCodeCustom(key.Reveal(), uint64(s), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			step, ok = s, true
		}
	}
	return step, ok
}

// At returns the code of a moment, for tests and for the demonstration.
func (c Codes) At(key secret.String, now time.Time) (string, error) {
	code, err := hotp.GenerateCodeCustom(key.Reveal(), uint64(now.Unix()/period), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
	if err != nil {
		return "", fmt.Errorf("make a one-time code: %w", err)
	}
	return code, nil
}

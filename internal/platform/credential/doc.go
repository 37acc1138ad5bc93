// Package credential makes and checks what proves that somebody is somebody:
// password hashes (argon2id), one-time codes (TOTP) and the QR picture by which
// an authenticator app learns its secret.
//
// It keeps nothing: people decides what is stored, peopledb stores it.
package credential

package mailmsg_test

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/tocsin-sec/tocsin/kit/mailmsg"
)

func ExampleRead() {
	mail := "From: =?utf-8?q?Ann_=C3=96?= <ann@example.org>\r\n" +
		"To: security@example.net\r\nMessage-ID: <1@example.org>\r\nSubject: overflow\r\n" +
		"Content-Type: multipart/mixed; boundary=b\r\n\r\n" +
		"--b\r\n\r\nPlease see the file.\r\n" +
		"--b\r\nContent-Type: application/zip; name=poc.zip\r\nContent-Transfer-Encoding: base64\r\n\r\nAAEC\r\n--b--\r\n"

	m, err := mailmsg.Read(strings.NewReader(mail), mailmsg.Limits{}, func(p *mailmsg.Part, content io.Reader) error {
		if p.Role != mailmsg.Attachment {
			return nil // texts are kept in the part
		}
		n, err := io.Copy(io.Discard, content) // a real sink stores it
		p.Ref = n
		return err
	})
	if err != nil {
		fmt.Println(err)
	}
	fmt.Println(m.From[0].Name, "writes:", m.Body())
	for _, f := range m.Files() {
		fmt.Println(f.Name, f.Size, f.Ref)
	}
	// Output:
	// Ann Ö writes: Please see the file.
	// poc.zip 3 3
}

func ExampleMessage_Automatic() {
	m, _ := mailmsg.Read(strings.NewReader("From: dev@example.org\r\nMessage-ID: <1@x>\r\nList-Id: <dev.example.org>\r\n\r\nhi\r\n"), mailmsg.Limits{}, nil)
	fmt.Println(m.Automatic())
	// Output: list
}

func ExampleDraft_Write() {
	d := mailmsg.Draft{
		From: mailmsg.Address{Name: "Security Team", Addr: "security@example.net"}, To: []mailmsg.Address{{Addr: "ann@example.org"}},
		Subject: "Re: overflow", Date: time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC), Text: "We have your report.\n",
		MessageID: "2@example.net", InReplyTo: "1@example.org", References: []string{"1@example.org"}, AutoSubmitted: "auto-replied",
	}
	var b strings.Builder
	if err := d.Write(&b); err != nil {
		fmt.Println(err)
	}
	fmt.Print(strings.ReplaceAll(b.String(), "\r\n", "\n"))
	// Output:
	// Date: Sun, 01 Mar 2026 12:00:00 +0000
	// From: "Security Team" <security@example.net>
	// To: ann@example.org
	// Subject: Re: overflow
	// Message-ID: <2@example.net>
	// In-Reply-To: <1@example.org>
	// References: <1@example.org>
	// Auto-Submitted: auto-replied
	// MIME-Version: 1.0
	// Content-Type: text/plain; charset=utf-8
	// Content-Transfer-Encoding: 7bit
	//
	// We have your report.
}

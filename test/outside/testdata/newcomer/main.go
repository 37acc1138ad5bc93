// Command newcomer does with Tocsin's libraries what their documentation says of them:
// it imports nothing but packages under kit.
package main

import (
	"context"
	"fmt"
	"os"

	"github.com/tocsin-sec/tocsin/kit/check"
	"github.com/tocsin-sec/tocsin/kit/csaf"
	"github.com/tocsin-sec/tocsin/kit/csaf/convert"
	"github.com/tocsin-sec/tocsin/kit/csaf/csaf21"
	"github.com/tocsin-sec/tocsin/kit/csaf/validate"
	"github.com/tocsin-sec/tocsin/kit/cve"
	"github.com/tocsin-sec/tocsin/kit/osv"
	"github.com/tocsin-sec/tocsin/kit/strictjson"
	"github.com/tocsin-sec/tocsin/kit/vex"
)

func main() {
	for _, file := range os.Args[1:] {
		data, err := os.ReadFile(file)
		if err == nil {
			err = look(context.Background(), data)
		}
		if err != nil {
			fmt.Fprintln(os.Stderr, file+":", err)
			os.Exit(1)
		}
	}
}

// look finds the format of a document and does all that the libraries can with it.
func look(ctx context.Context, data []byte) error {
	report, err := (&check.Checker{}).Check(ctx, data, check.Request{Presets: []string{"basic"}})
	if err != nil {
		return err
	}
	fmt.Println(report.Format, "valid:", report.Valid())
	for _, f := range report.Findings {
		fmt.Printf("  %d:%d %s %s %s: %s\n", f.Line, f.Column, f.Severity, f.Rule, f.Pointer, f.Message)
	}
	switch report.Format {
	case check.CSAF20:
		return advisory(ctx, data)
	case check.OSV:
		record, problems := osv.Read(data, osv.Limits{})
		if problems.Fatal() {
			return problems
		}
		return size(osv.Write(record))
	case check.CVE:
		record, problems := cve.Read(data, cve.Limits{})
		if problems.Fatal() {
			return problems
		}
		return size(cve.Write(record))
	case check.OpenVEX:
		doc, problems := vex.Read(data, strictjson.Limits{})
		if problems.Fatal() {
			return problems
		}
		return size(vex.Write(doc))
	}
	return nil
}

// advisory runs presets and single tests, and converts to CSAF 2.1 and OpenVEX.
func advisory(ctx context.Context, data []byte) error {
	v := validate.Validator{}
	for _, preset := range validate.Presets(validate.V20) {
		report, err := v.Check(ctx, data, validate.Request{Presets: []string{preset}})
		if err != nil {
			return err
		}
		fmt.Println(" ", preset, len(report.Results), "results, valid:", report.Valid())
	}
	report, err := v.Check(ctx, data, validate.Request{Tests: []string{"6.1.1", "optionalTest_6_2_1", validate.Schema20Strict}})
	if err != nil {
		return err
	}
	for _, r := range report.Results {
		fmt.Println(" ", r.Name, r.State, len(r.Findings))
	}
	for _, f := range report.Findings() {
		fmt.Printf("  %d:%d %s %s\n", f.Line, f.Column, f.Test, f.Message)
	}

	doc, problems := csaf.ReadAdvisory(data, csaf.Limits{})
	if problems.Fatal() {
		return problems
	}
	if err := size(csaf.Write(doc)); err != nil {
		return err
	}
	if err := size(vex.Write(vex.FromCSAF(doc))); err != nil {
		return err
	}
	result, problems := convert.From(data, csaf.Limits{}, convert.Options{})
	if problems.Fatal() {
		return problems
	}
	for _, d := range result.Decisions {
		fmt.Println(" ", d)
	}
	newer, err := result.Write()
	if err != nil {
		return err
	}
	if _, problems := csaf21.ReadAdvisory(newer, csaf.Limits{}); problems.Fatal() {
		return problems
	}
	return size(newer, nil)
}

func size(data []byte, err error) error {
	if err == nil {
		fmt.Println("  written:", len(data) > 0)
	}
	return err
}

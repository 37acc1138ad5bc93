// Package validate checks CSAF documents: it finds the version of a document, reads it
// and runs tests of section 6 of the standard, a preset or some by name.
//
//	v := validate.Validator{}
//	report, err := v.Check(ctx, data, validate.Request{Presets: []string{"full"}})
//	if err != nil {
//		return err // no such preset or test
//	}
//	for _, f := range report.Findings() {
//		fmt.Printf("%d:%d %s %s %s\n", f.Line, f.Column, f.Severity, f.Test, f.Message)
//	}
//	if !report.Valid() { ... }
//
// Tests have two names: the number of their section ("6.1.27.4") and that of
// csaf-validator-service ("mandatoryTest_6_1_27_4", "optionalTest_6_2_1" or
// "recommendedTest_6_2_1" in 2.1, "informativeTest_6_3_1"); both are understood
// everywhere. The checks against the JSON schemas are csaf_2_0, csaf_2_1 and
// csaf_2_0_strict, which forbids members that the standard does not define.
//
// Presets are schema, mandatory, optional (recommended in 2.1), informative, basic
// (schema and mandatory), extended (and optional), full (and informative); 2.1 adds
// external-request-free, consistent-revision-history, consistent-date-times, ssvc,
// extensions and extensions-exist, which are empty or smaller for 2.0.
//
// A report can be written as csaf-validator-service writes it (Report.Service) and as
// the committee writes the results of its test cases (Report.TestResult).
//
// A Validator without fields is ready: the spell check knows English, and the tests
// that need a network (6.3.6, 6.3.7) are not run. They are when they are asked for by
// name, or with Request.Network; Validator.Fetcher then decides, but for hosts that
// are decided without a look-up (rule.Env.Unreachable).
//
// The tests are in csaf/test20 and csaf/test21, what they share in csaf/rule, the
// readers in csaf and csaf21. docs/csaf-tests.md lists every test with its state.
package validate

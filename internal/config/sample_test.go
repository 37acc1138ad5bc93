package config

import "testing"

func TestSampleConfigurationLoads(t *testing.T) {
	c, err := Load("../../deploy/tocsin.yaml", nil, nil)
	if err != nil || len(c.Warnings) > 0 {
		t.Errorf("%v, warnings %q", err, c.Warnings)
	}
}

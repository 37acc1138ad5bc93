// Package pages looks at every page of the worked example as people do: with the
// shipped binary and Chromium, at 1280 and 390 pixels, light and dark, by keyboard
// alone, and without scripts. What single parts of a page do is tested beside them
// in the web packages; the whole path from mail to advisory is in test/walk.
//
// The pages are found by their links, so that a new page is looked at without a
// word here. TOCSIN_SHOTS names a folder that gets a screenshot of each; -update
// writes the few of docs/img anew.
package pages

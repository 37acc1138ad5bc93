// Package advisory takes one record per flaw from draft to publication: writing,
// problems beside the field, approval of exactly one revision by a second
// person, arming, staging, the flip that makes it public, the mails after it,
// corrections, withdrawal and the import of what was published elsewhere
// (requirement rows LV-8 and LV-10).
//
// The rules are here and know no SQL, HTTP or clock. The tables are in advisorydb,
// pages, API and the renderers of the HTML page and the mail in advisoryweb. CSAF
// itself is kit/csaf. When an embargo ends is embargo's; what a case is, casework's;
// how a letter goes out, people's.
//
// # How a publication passes through
//
// Save makes a revision with a hash over everything that could become public. Approve
// is for that hash by somebody who did not write it; any later Save voids it. Arm says
// that the end of the embargo may publish. Shortly before, the job KindStage takes the
// number, renders, signs and stores the files sealed. When the embargo ends, the job
// KindPublish checks every guard again and flips: one transaction copies the staged files
// into the public tree and derives index.txt, changes.csv and feeds. What is not ready
// is not published; the lead and the deputies get letters until somebody decides.
// Afterwards KindStep works off the steps one by one: the tree is fetched back and its
// signatures are checked, then the development list, then the announcement list is told.
package advisory

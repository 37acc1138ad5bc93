package fixrun

const help = `Which maintained branch of a repository has a fix, which has half of it, and where it is
still to do. Works on any local repository, without a server: git 2.39 or later is run
with an empty configuration, without hooks and without a network, and nothing is written
into the repository. What was learnt of its commits, and the answers, are kept in
$XDG_CACHE_HOME/tocsin/fix, which may be deleted.`

const matrixHelp = help + `

States:
  not_affected  the flaw is not on the branch
  affected      it is, and the fix is to do (shown with --no-trial)
  applies       to do; the fix applies cleanly, which does not say that it is right
  conflicts     to do; the fix has to be adapted
  partial       a part of the fix is there and the rest is not: an alarm
  fixed         the branch has it
  released      the branch has it, and so has the tag named
  wont_fix      not fixed, and the branch is at its end of life (--eol)
  unknown       the repository does not tell

A branch is told to have a fix by its history (the commit itself), by commits with the
same change, by what messages say ("cherry picked from commit …", "commit … upstream"),
by author, date and subject, and by how the code looks at its head. A state that rests on
weak evidence is marked with a question mark, in JSON with "ask": true.

Exit codes: 0 done (see --fail), 1 with --fail while a branch is not settled, 2 wrong call.`

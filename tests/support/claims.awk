# claims.awk - the claims of the tests in the files given, as suite/claim; with
# `places` each behind it the file that makes it.
#
# Where a macro knows the suite, as REAL_CLAIM does, it is that of the file.

FNR == 1 { suite = FILENAME; sub(/.*\/test_/, "", suite); sub(/\.c$/, "", suite) }
!/^[A-Z][A-Za-z_]*\(/ { next }
/,$/ { line = $0; getline; sub(/^ */, " "); $0 = line $0 }
{ split($0, part, /[(,)] */) }
part[1] == "TestSuite" { suite = part[2]; next }
{
    claim = part[3] ~ /^[A-Za-z_]/ ? part[2] "/" part[3] : suite "/" part[2]
    print places ? claim " " FILENAME : claim
}

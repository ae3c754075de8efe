# claims.awk - the claims of the tests in the files given, as suite/claim; with
# `places` each behind it the file that makes it.
#
# Where a macro knows the suite, as REAL_CLAIM does, it is in its definition.

FNR == 1 { suite = "" }
/^ +Test\([a-z_]+, name/ { split($0, part, /[(,)] */); suite = part[2] }
!/^[A-Z][A-Za-z_]*\(/ { next }
/,$/ { line = $0; getline; sub(/^ */, " "); $0 = line $0 }
{ split($0, part, /[(,)] */) }
part[1] == "TestSuite" { suite = part[2]; next }
{
    claim = part[3] ~ /^[A-Za-z_]/ ? part[2] "/" part[3] : suite "/" part[2]
    print places ? claim " " FILENAME : claim
}

/** Programs that nobody here wrote, with functions that they call again and again while they do some work. */

export interface ProgramAtWork {
  readonly path: string;
  readonly arguments: readonly string[];
  /** A command of the shell that gives it work. */
  readonly work: string | undefined;
  readonly functions: readonly FunctionAtWork[];
}

export interface FunctionAtWork {
  readonly name: string;
  /** What data of the file it is given a pointer to, which its code does not tell: nothing mostly. */
  readonly handed: string | undefined;
  /** One of many, or one of many instructions: only run where there is time. */
  readonly long: boolean;
}

const BASH = `
f() { local x=$1; return 3; }
while :; do
  a=(1 2 3); b=$((a[1]*7+2)); printf '%s %d\\n' "x$b" 5
  for f in /*; do c=\${f#/}; [[ $c == u* ]] && d=\${c^^}; done
  eval 'e=5; echo "$e"'; f 3; case $e in 4) ;; 5) g=\${a[@]} ;; esac
  declare -A h; h[x]=1; read -r q r <<< 'x y'; test 3 -lt 4; trap : USR1; shopt -q extglob
done`;

const PERL = `
for (;;) {
  my $x = $_ + 2; my $y = "a$x"."b"; my %h = (a=>1, $y=>2); @l = (3,1,2); my @s = sort {$a<=>$b} @l;
  $y =~ /b(.)?/; $z = sprintf("%05.2f %s", 1.5*$x, $y); @q = split /,/, "1,2,3"; $j = join "-", @q; $k = $j x 3;
  $m = "12$x"; $n = $m|0; $m = "1.5e3$x"; $n = $m*2; for (keys %h) { $t = $_ } $y =~ s/a/b/; $r = eval "1+2";
  $p = pack("NnA3", $x, 2, "abc"); @w = sort @q; $re = "a[b$x]+"; "xabb" =~ /$re/;
  substr($z,1,1) = "u"; local $_ = "abc"; tr/a/b/; $v = reverse "abc"; $i = index($y, "l");
}`;

const REDIS = [
  "set,get,incr,lpush,rpush,lpop,sadd,hset,spop,zadd,zpopmin,lrange_100,mset",
  "set k xyz",
  "append k 12",
  "bitcount k",
  `eval 'return redis.call("get","k")..tostring(1.5)' 0`,
  "geoadd g 13.3 38.1 p",
  "sort mylist limit 0 2",
  "sadd ss 1 2 3",
  "dump mylist",
  "keys 'k*'",
  "pfadd hll a b c",
  "xadd st '*' a 1",
].map((command, at) => (at === 0 ? `redis-benchmark -s s -c 1 -n 5 -q -t ${command}` : `redis-cli -s s ${command}`));

export const PROGRAMS_AT_WORK: readonly ProgramAtWork[] = [
  {
    path: "/usr/bin/perl",
    arguments: ["-e", PERL],
    work: undefined,
    functions: [
      ...often("Perl_av_extend Perl_hv_common Perl_sv_vcatpvfn_flags Perl_pp_add Perl_pp_sort Perl_regexec_flags"),
      ...often("Perl_my_atof3 Perl_pp_split Perl_pp_subst Perl_packlist"),
      ...seldom("Perl_sv_upgrade Perl_sv_grow Perl_sv_setsv_flags Perl_sv_2iv_flags Perl_pp_sprintf Perl_do_trans"),
      ...seldom("Perl_grok_number_flags Perl_repeatcpy Perl_fbm_instr Perl_do_join"),
    ],
  },
  {
    path: "/usr/bin/bash",
    arguments: ["-c", BASH],
    work: undefined,
    functions: [
      ...often("evalexp find_variable bind_variable array_insert legal_number dispose_words printf_builtin strmatch"),
      ...often("copy_command sh_modcase decode_signal shopt_builtin"),
      ...seldom("xmalloc hash_search make_variable_value test_builtin make_bare_word glob_filename read_builtin"),
    ],
  },
  {
    path: "/usr/bin/redis-server",
    arguments: ["--port", "0", "--unixsocket", "s", "--save", "", "--loglevel", "warning"],
    work: `while :; do ${REDIS.join("; ")}; done`,
    functions: [
      ...often(
        "dictFind setKey string2ll lpInsert intsetAdd lzf_compress crc64 geohashEncode stringmatchlen raxInsert",
      ),
      handed("sdscatfmt", "the format"),
      handed("siphash", "the key of the hash"),
      handed("processCommand", "the description of the command, from a dictionary"),
      ...seldom("getCommand incrDecrCommand listTypePush hashTypeSet createStringObject lookupKey redisPopcount"),
      ...seldom("lrangeCommand clientsCron activeExpireCycle zaddGenericCommand rdbSaveObject streamAppendItem hllAdd"),
      ...seldom("zzlInsert lua_pushstring"),
      { ...handed("spopCommand", "the description of the command, from the client"), long: true },
      { ...handed("writeToClient", "the type of the connection, from the client"), long: true },
      { ...handed("sortCommand", "the description of the command, from the client"), long: true },
      { ...handed("evalCommand", "the descriptions of the commands, from a dictionary"), long: true },
    ],
  },
];

function often(names: string): readonly FunctionAtWork[] {
  return names.split(" ").map((name) => ({ name, handed: undefined, long: false }));
}

function seldom(names: string): readonly FunctionAtWork[] {
  return often(names).map((one) => ({ ...one, long: true }));
}

function handed(name: string, what: string): FunctionAtWork {
  return { name, handed: what, long: false };
}

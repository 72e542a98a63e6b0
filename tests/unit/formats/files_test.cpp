// Flyway, refinery, Atlas, Prisma, Diesel: a file is the way forth.
#include "unit/formats/directories.hpp"

using namespace headway;
using namespace headway::testing;
using formats::Format;

TEST_CASE("Flyway: dotted versions in order, descriptions, undo, repeatables, callbacks aside") {
  const auto source = read(Format::Flyway, {{"V1_10__ten.sql"},
                                            {"V1_2__two_words.sql"},
                                            {"deep/V0001__first.sql"},
                                            {"U1_2__two_words.sql"},
                                            {"R__a_view.sql"},
                                            {"B5__all.sql"},
                                            {"V11.sql"},
                                            {"V3_b.sql"},
                                            {"V.sql"},
                                            {"afterMigrate.sql"},
                                            {"notes.sql"}});
  CHECK(versions_of(source) == Texts{"0001", "1.2", "1.10", "11"});
  CHECK(names_of(source) == Texts{"first", "two_words", "ten", ""});
  CHECK(source.migrations()[1].down->path == "m/U1_2__two_words.sql");
  REQUIRE(source.repeatables().size() == 1);
  CHECK(source.repeatables()[0].name == "a view");
  CHECK(source.warnings().size() == 5);
  CHECK(error_of([] {
          return read(Format::Flyway, {{"V1__a.sql"}, {"V1.0__b.sql"}});
        }).id == ErrorId::DuplicateVersion);
  const ErrorInfo twins = error_of([] {
    return read(Format::Flyway, {{"mysql/V1__a.sql"}, {"postgresql/V1__a.sql"}});
  });
  CHECK(twins.id == ErrorId::DuplicateVersion);
  CHECK(contains(twins.next, "--migrations=m/postgresql"));
  CHECK(error_of([] {
          return read(Format::Flyway, {{"V1__a.sql"}, {"V2__b.java"}});
        }).id == ErrorId::ForeignCode);
}

TEST_CASE("Flyway: a baseline is run where the migrations before it are gone") {
  const auto versions = [](const std::vector<File>& files) {
    Texts out;
    const auto source = read(Format::Flyway, files);
    for (const auto& one : source.migrations()) out.push_back(one.up.path);
    return out;
  };
  CHECK(versions({{"B3__sum.sql"}, {"B5__sum.sql"}, {"V4__d.sql"}, {"V5.1__e.sql"}}) ==
        Texts{"m/B3__sum.sql", "m/V4__d.sql", "m/V5.1__e.sql"});
  CHECK(versions({{"V1__a.sql"}, {"B1__sum.sql"}, {"V2__b.sql"}}) ==
        Texts{"m/V1__a.sql", "m/V2__b.sql"});
  const auto source = read(Format::Flyway, {{"B3__sum.sql"}, {"B5__sum.sql"}, {"V4__d.sql"}});
  CHECK(source.warnings().size() == 1);
}

TEST_CASE("Flyway: placeholders are replaced, unless the file or the run says otherwise") {
  formats::Reading reading{.environment = "production", .placeholders = {{"t", "x"}}};
  reading.default_schema = "app";
  const std::vector<File> files{
      {"V1__a.sql", "SELECT '${t} ${flyway:defaultSchema} ${flyway:filename}';\n"}};
  CHECK(read(Format::Flyway, files, reading).migrations()[0].up.text ==
        "SELECT 'x app V1__a.sql';\n");
  const auto refused = [](const std::string& text, const formats::Reading& how) {
    return error_of([&] { return read(Format::Flyway, {{"V1__a.sql", text}}, how); });
  };
  const ErrorInfo error = refused("SELECT\n '${u}';\n", reading);
  CHECK(error.id == ErrorId::UnknownPlaceholder);
  CHECK(error.where.text() == "m/V1__a.sql:2:3");
  // Without any, what stands in a text is a text.
  const formats::Reading none{.environment = "production"};
  const std::string data = "-- ${a}\nINSERT INTO t VALUES ('${b}', $$${c}$$);\n";
  const auto source = read(Format::Flyway, {{"V1__a.sql", data}}, none);
  CHECK(source.migrations()[0].up.text == data);
  CHECK(source.warnings().size() == 3);
  CHECK(refused("SELECT 1 AS ${u};\n", none).id == ErrorId::UnknownPlaceholder);
  CHECK(refused("SELECT '${flyway:user}';\n", none).id == ErrorId::UnknownPlaceholder);
  reading.replace_placeholders = false;
  CHECK(contains(read(Format::Flyway, files, reading).migrations()[0].up.text, "${t}"));
  CHECK(contains(read(Format::Flyway, {{"V1__a.sql", "SELECT '${u}';\n"},
                                       {"V1__a.sql.conf", "placeholderReplacement=false\n"}})
                     .migrations()[0]
                     .up.text,
                 "${u}"));
}

TEST_CASE("an ending in capitals is one to Flyway alone") {
  CHECK(versions_of(read(Format::Flyway, {{"V1__a.SQL"}})) == Texts{"1"});
  CHECK(versions_of(read(Format::Atlas, {{"1_a.SQL"}, {"2_b.sql"}})) == Texts{"2"});
  CHECK(versions_of(read(Format::Tern, {{"1_a.SQL"}, {"1_b.sql"}})) == Texts{"1"});
}

TEST_CASE("Flyway: an undo file without its migration is told") {
  const auto source = read(Format::Flyway, {{"V1__a.sql"}, {"U1__a.sql"}, {"U2__b.sql"}});
  CHECK(source.migrations()[0].down);
  REQUIRE(source.warnings().size() == 1);
  CHECK(contains(source.warnings()[0], "m/U2__b.sql: there is no migration of version 2"));
}

TEST_CASE("Prisma: what was written for another database is refused") {
  const auto with = [](const std::string& lock) {
    return read(Format::Prisma, {{"1_a/migration.sql"}, {"migration_lock.toml", lock}});
  };
  CHECK(versions_of(with("# by Prisma\nprovider = \"postgresql\"\n")) == Texts{"1_a"});
  CHECK(versions_of(with("")) == Texts{"1_a"});
  const ErrorInfo error = error_of([&] { return with("provider = \"sqlite\" # why\n"); });
  CHECK(error.id == ErrorId::ForeignFormat);
  CHECK(error.where.file == "m/migration_lock.toml");
  CHECK(contains(error.message, "for sqlite,"));
}

TEST_CASE("Diesel: what its metadata leaves open, and a folder without a way forth") {
  const auto runs = [](const std::vector<File>& more) {
    std::vector<File> files{{"1_a/up.sql", "VACUUM;\n"}};
    files.insert(files.end(), more.begin(), more.end());
    return in_transaction(read(Format::Diesel, files).migrations()[0].up);
  };
  CHECK_FALSE(runs({{"1_a/metadata.toml", "[other]\nrun_in_transaction = true\n"}}));
  CHECK_FALSE(runs({{"1_a/metadata.toml", ""}}));
  const auto source =
      read(Format::Diesel,
           {{"000000000000000_b/up.sql"}, {"00000000000000_a/up.sql"}, {"1_c/down.sql"}});
  CHECK(versions_of(source) == Texts{"00000000000000", "000000000000000"});
  REQUIRE(source.warnings().size() == 1);
  CHECK(contains(source.warnings()[0], "m/1_c/down.sql: there is no up.sql"));
}

TEST_CASE("the folders that hold what was meant") {
  CHECK(formats::folders_below(listing_of({{"mysql/1.sql"}, {"postgres/1.sql"}})) ==
        Texts{"postgres", "mysql"});
  CHECK(formats::folders_below(listing_of({{"a/1.sql"}, {"b.sql"}, {"c/d/2.sql"}, {"e/x.txt"}})) ==
        Texts{"a", "c"});
}

TEST_CASE("refinery: by number, code refused") {
  const auto source = read(Format::Refinery, {{"V10__b.sql"}, {"U2__a.sql"}, {"V1__x.sql"}});
  CHECK(versions_of(source) == Texts{"1", "2", "10"});
  CHECK(error_of([] { return read(Format::Refinery, {{"V1__a.rs"}}); }).id == ErrorId::ForeignCode);
}

TEST_CASE("Atlas: by name, with directives of its own") {
  const auto source = read(
      Format::Atlas, {{"20230101_a.sql", "-- atlas:txmode none\n\nVACUUM;\n"},
                      {"20230102_b.sql", "-- atlas:delimiter \\n\\n\n\nSELECT 1\n\nSELECT 2\n"},
                      {"20230103.sql", "-- atlas:txmode none\nVACUUM;\n"},
                      {"20230104_c.sql", "-- atlas:checkpoint\n\nCREATE TABLE t ();\n"}});
  CHECK(versions_of(source) == Texts{"20230101", "20230102", "20230103"});
  CHECK_FALSE(in_transaction(source.migrations()[0].up));
  CHECK(contains(source.migrations()[1].up.text, "SELECT 1;\n\nSELECT 2\n"));
  CHECK(in_transaction(source.migrations()[2].up));
  CHECK(source.warnings().size() == 1);
}

TEST_CASE("Atlas: a delimiter is what the first line says, and only that") {
  const auto text = [](const std::string& first) {
    return read(Format::Atlas, {{"1_a.sql", first + "\nSELECT 1\n-- end\nSELECT 2\n-- end\n"}})
        .migrations()[0]
        .up.text;
  };
  CHECK(contains(text("-- atlas:delimiter -- end"), "\nSELECT 1\n;\nSELECT 2\n;\n"));
  CHECK(contains(text("-- atlas:delimiter   \\n-- end"), "\nSELECT 1;\n\nSELECT 2;\n\n"));
  for (const std::string& none :
       Texts{"--atlas:delimiter -- end", "-- a\n-- atlas:delimiter -- end", "-- atlas:delimiter"}) {
    CHECK(contains(text(none), "SELECT 1\n-- end\n"));
  }
}

TEST_CASE("Atlas: a checkpoint that nothing stands before is run") {
  const File first{"1_a.sql", "-- atlas:checkpoint\n\nSELECT 1;\n"};
  const File second{"2_b.sql", "-- atlas:checkpoint\n\nSELECT 2;\n"};
  const File plain{"3_c.sql", "SELECT 3;\n"};
  const File last{"4_d.sql", "-- atlas:checkpoint\n\nSELECT 4;\n"};
  const auto versions = [](const std::vector<File>& files) {
    return versions_of(read(Format::Atlas, files));
  };
  CHECK(versions({first, plain}) == Texts{"1", "3"});
  CHECK(versions({first, second, plain, last}) == Texts{"2", "3"});
  CHECK(versions({plain, last}) == Texts{"3"});
  CHECK(versions({first}) == Texts{"1"});
}

TEST_CASE("Atlas: of an archive the migration is run, and the way back kept") {
  const auto source = read(
      Format::Atlas,
      {{"1_a.sql",
        "-- atlas:txtar\n\n-- checks/one.sql --\nSELECT false;\n-- migration.sql --\nSELECT 1;\n"
        "-- down.sql --\nSELECT 2;\n"}});
  CHECK(source.migrations()[0].up.text == "\n\n\n\n\nSELECT 1;\n");
  REQUIRE(source.migrations()[0].down);
  CHECK(source.migrations()[0].down->text == "\n\n\n\n\n\n\nSELECT 2;\n");
  REQUIRE(source.warnings().size() == 1);
  CHECK(contains(source.warnings()[0], "the checks in checks/one.sql are left aside"));
}

TEST_CASE("Atlas: the sums are those of the bytes, and chained") {
  const File sums{"atlas.sum",
                  "h1:ct1+P+NXa/FWEQakxt6L5wh1IwBHSdAZ30vzafc08GM=\n"
                  "1_init.sql h1:CljdN0mRRypLgnOb0bKKlZ2rGT42jXDb5lFPkN5gFHI=\n"};
  const File init{"1_init.sql", "CREATE TABLE t (id int);\n"};
  CHECK(versions_of(read(Format::Atlas, {sums, init})) == Texts{"1"});
  const auto refused = [](const std::vector<File>& files) {
    return error_of([&files] { return read(Format::Atlas, files); });
  };
  CHECK(refused({sums, {"1_init.sql", "CREATE TABLE t (id int); \n"}}).id ==
        ErrorId::ChecksumMismatch);
  CHECK(contains(refused({sums, init, {"2_b.sql"}}).message, "does not know this file"));
  CHECK(contains(refused({sums, {"2_b.sql"}}).message, "does not know this file"));
  CHECK(contains(refused({sums}).message, "knows a file that is not there: 1_init.sql"));
}

TEST_CASE("Prisma: a folder for each, its name the identity") {
  const auto source = read(Format::Prisma, {{"20220101000000_b/migration.sql"},
                                            {"20210101000000_a/migration.sql"},
                                            {"20210101000000_a/notes/migration.sql"},
                                            {"20210101000000_a/other.sql"}});
  CHECK(versions_of(source) == Texts{"20210101000000_a", "20220101000000_b"});
  CHECK(names_of(source) == Texts{"a", "b"});
}

TEST_CASE("Diesel: a folder for each, its date without dashes, a file that says how it is run") {
  const auto source =
      read(Format::Diesel, {{"2021-01-02-000000_b/up.sql", "VACUUM;\n"},
                            {"2021-01-02-000000_b/metadata.toml", "run_in_transaction = false\n"},
                            {"00000000000000_diesel_initial_setup/up.sql"},
                            {"00000000000000_diesel_initial_setup/down.sql"}});
  CHECK(versions_of(source) == Texts{"00000000000000", "20210102000000"});
  CHECK(names_of(source) == Texts{"diesel_initial_setup", "b"});
  CHECK_FALSE(in_transaction(source.migrations()[1].up));
  CHECK(source.migrations()[0].down);
  CHECK_FALSE(source.migrations()[1].down);
}

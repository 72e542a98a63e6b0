// Statements whose locks are known by their words, and tables for them.
#pragma once

namespace headway::testing {

inline constexpr const char* kTables =
    "create table u (id int primary key);"
    "create table t (id int primary key, c int, s varchar(10), k int references u, n "
    "numeric(10,2));"
    "create index t_c on t (c);"
    "create unique index t_once on t (c);"
    "alter table t add constraint t_positive check (c > 0) not valid;"
    "alter table t add constraint t_k2 foreign key (c) references u not valid;"
    "create table p (id int) partition by range (id);"
    "create table p1 partition of p for values from (0) to (10);"
    "create table p2 (id int);"
    "create view v as select id from t;"
    "create materialized view mv as select id from t;"
    "create unique index mv_id on mv (id);"
    "create function f() returns trigger language plpgsql as 'begin return new; end';"
    "create trigger t_f before insert on t for each row execute function f();"
    "insert into u values (1); insert into t values (1, 1, 'a', 1, 1);";

inline constexpr const char* kStatements[] = {
    "alter table t add column x int",
    "alter table t add x int not null default 5",
    "alter table t add column x timestamptz default now()",
    "alter table t add column x uuid default gen_random_uuid()",
    "alter table t add column x serial",
    "alter table t add column x int generated always as identity",
    "alter table t add column x int generated always as (c * 2) stored",
    "alter table t add column x int check (x > 0)",
    "alter table t add column x int references u",
    "alter table t add column x int default 1 references u",
    "alter table t add column x int unique",
    "alter table t drop column s",
    "alter table t drop column k",
    "alter table t drop column s, add column x int, alter c set default 3",
    "alter table t alter column s type varchar(20)",
    "alter table t alter s type varchar(5)",
    "alter table t alter column c type bigint",
    "alter table t alter n type numeric(12,2)",
    "alter table t alter column c set not null",
    "alter table t alter c drop not null",
    "alter table t alter column c set default 1",
    "alter table t alter c set statistics 100",
    "alter table t rename column c to d",
    "alter table t rename to t9",
    "alter table t enable row level security",
    "alter table t replica identity full",
    "alter table t alter s set storage external",
    "alter table t set (fillfactor = 70)",
    "alter table t cluster on t_c",
    "alter table t set unlogged",
    "alter table t add constraint x check (c > 0)",
    "alter table t add constraint x check (c > 0) not valid",
    "alter table t validate constraint t_positive",
    "alter table t add constraint x foreign key (c) references u",
    "alter table t add constraint x foreign key (c) references u (id) not valid",
    "alter table t validate constraint t_k2",
    "alter table t drop constraint t_k_fkey",
    "alter table t add constraint x unique (c)",
    "alter table t add constraint x unique using index t_once",
    "alter table t disable trigger t_f",
    "alter table p attach partition p2 for values from (10) to (20)",
    "alter table p detach partition p1",
    "create index on t (c)",
    "create unique index x on public.t (c)",
    "drop index t_c",
    "reindex table t",
    "drop table t cascade",
    "drop view v",
    "create or replace view v as select id from t",
    "create trigger x before update on t for each row execute function f()",
    "drop trigger t_f on t",
    "create policy x on t using (true)",
    "create rule x as on insert to u do instead nothing",
    "comment on table t is 'x'",
    "comment on column t.c is 'x'",
    "create statistics x on id, c from t",
    "create publication x for table t",
    "cluster t using t_c",
    "truncate t",
    "analyze t",
    "create table z (a int references t)",
    "create table z partition of p for values from (30) to (40)",
    "create table z (like t)",
    "create table z () inherits (u)",
    "refresh materialized view mv",
    "refresh materialized view concurrently mv",
    "create type e as enum ('a')",
    "grant select on t to public",
    "create function g() returns int language sql as 'select 1'",
    "insert into t values (2, null, 'b', 1, 2)",
    "update t set c = null",
    "delete from t",
    "lock table t in share mode",
    "lock t",
};

}  // namespace headway::testing

import org.flywaydb.core.Flyway;

/** Runs Flyway's library as its command line would: Migrate DIRECTORY JDBC-URL USER. */
public final class Migrate {
  private Migrate() {}

  public static void main(String[] arguments) {
    Flyway.configure()
        .locations("filesystem:" + arguments[0])
        .dataSource(arguments[1], arguments[2], "")
        .load()
        .migrate();
  }
}

import org.flywaydb.core.Flyway;

/** Flyway as its command line would be with settings in the environment: Witness DIRECTORY JDBC-URL USER. */
public final class Witness {
  private Witness() {}

  public static void main(String[] arguments) {
    Flyway.configure()
        .envVars()
        .locations("filesystem:" + arguments[0])
        .dataSource(arguments[1], arguments[2], "")
        .load()
        .migrate();
  }
}

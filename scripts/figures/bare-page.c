/* A window with WebKit and nothing else, to measure ours beside: one page from a file, open to WebDriver as ours is. */
#include <webkit2/webkit2.h>

static WebKitWebView *shown(WebKitAutomationSession *session, WebKitWebView *view) { return view; }

static void automated(WebKitWebContext *context, WebKitAutomationSession *session, WebKitWebView *view) {
  WebKitApplicationInfo *info = webkit_application_info_new();
  webkit_application_info_set_name(info, "bare-page");
  webkit_automation_session_set_application_info(session, info);
  webkit_application_info_unref(info);
  g_signal_connect(session, "create-web-view", G_CALLBACK(shown), view);
}

int main(int count, char **arguments) {
  gtk_init(&count, &arguments);
  WebKitWebContext *context = webkit_web_context_new_ephemeral();
  webkit_web_context_set_automation_allowed(context, TRUE);
  WebKitWebView *view = WEBKIT_WEB_VIEW(g_object_new(
      WEBKIT_TYPE_WEB_VIEW, "web-context", context, "is-controlled-by-automation", TRUE, NULL));
  g_signal_connect(context, "automation-started", G_CALLBACK(automated), view);
  GtkWidget *window = gtk_window_new(GTK_WINDOW_TOPLEVEL);
  gtk_window_set_default_size(GTK_WINDOW(window), 1400, 840);
  gtk_container_add(GTK_CONTAINER(window), GTK_WIDGET(view));
  g_signal_connect(window, "destroy", G_CALLBACK(gtk_main_quit), NULL);
  webkit_web_view_load_uri(view, arguments[1]);
  gtk_widget_show_all(window);
  gtk_main();
  return 0;
}
